package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
)

// bisection finds the commit from which on a schedule fails. Git's bisect chooses the
// revisions; each is checked out in a scratch worktree, and its program replays the schedule.
type bisection struct {
	ctx     context.Context
	errs    io.Writer
	scratch string // has the worktree and the programs
	folder  string // of the program's module, in the worktree
	program string // the package of the program, from that folder
	file    string
	bad     atRevision // by the bad revision
	means   []string   // the events that it may ignore: those that the good and the bad revision ignore
	builds  int
	looks   int      // after which a replay hangs
	skipped []string // revisions that cannot be judged, and why
}

// atRevision is how a revision replays the schedule.
type atRevision struct {
	property string   // the first that was violated, "" if none was
	how      string   // the program ended without a verdict, so that Survival is violated
	all      []string // the properties that were violated
	ignored  []string // the events that changed nothing
	why      string   // the replay says nothing
}

func runBisect(ctx context.Context, args []string, out, errs io.Writer) (int, error) {
	var good, bad, program string
	set := newFlags("bisect")
	set.StringVar(&good, "good", "", "the schedule held at revision `REV`")
	set.StringVar(&bad, "bad", "HEAD", "the schedule fails at revision `REV`")
	set.StringVar(&program, "program", ownPackage(), "build the program of package `DIR` at each revision")
	set.group("input")
	if len(args) > 1 && !strings.HasPrefix(args[0], "-") {
		args = append(slices.Clone(args[1:]), args[0])
	}
	if err := set.parse(args, out); err != nil {
		return 0, err
	}
	file, err := set.argument("FILE")
	if err == nil && good == "" {
		err = set.wrong("expected -good with a revision at which the schedule held")
	}
	if err != nil {
		return 0, err
	}
	if _, err := trial.ReadFile(file, faults.MaxFileBytes); err != nil {
		return 0, err
	}
	ctx, stop := interruptible(ctx)
	defer stop()
	b := &bisection{ctx: ctx, errs: errs, program: program, looks: replayLooks}
	if b.file, err = filepath.Abs(file); err != nil {
		return 0, err
	}
	defer b.close()
	if err := b.open(bad); err != nil {
		return 0, err
	}
	return b.run(good, bad, out)
}

// commit is the commit of a revision: in the worktree HEAD is another one.
func (b *bisection) commit(revision string) (string, error) {
	commit, err := b.git(".", "rev-parse", "--verify", "--end-of-options", revision+"^{commit}")
	return strings.TrimSpace(commit), err
}

// ownPackage is the package of this program, from the root of its module.
func ownPackage() string {
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return "."
	}
	return "." + strings.TrimPrefix(built.Path, built.Main.Path)
}

// open makes a worktree of a revision of the repository around the current folder.
func (b *bisection) open(revision string) error {
	below, err := b.git(".", "rev-parse", "--show-prefix")
	if err != nil {
		return err
	}
	if b.scratch, err = os.MkdirTemp("", "raftcheck-bisect-*"); err != nil {
		return err
	}
	tree := filepath.Join(b.scratch, "tree")
	b.folder = filepath.Join(tree, strings.TrimSpace(below))
	_, err = b.git(".", "worktree", "add", "--detach", tree, revision)
	return err
}

// close removes the worktree, whether or not the bisection came to its end.
func (b *bisection) close() {
	if b.scratch == "" {
		return
	}
	b.ctx = context.WithoutCancel(b.ctx)
	b.git(".", "worktree", "remove", "--force", filepath.Join(b.scratch, "tree"))
	os.RemoveAll(b.scratch)
}

// run judges both ends and then lets Git choose.
func (b *bisection) run(good, bad string, out io.Writer) (int, error) {
	from, err := b.commit(good)
	if err != nil {
		return 0, err
	}
	to, err := b.commit(bad)
	if err != nil {
		return 0, err
	}
	if b.bad = b.replay(); b.bad.property == "" {
		return 0, fmt.Errorf("%s: expected a schedule that fails at %s, found %s", trial.ShownName(b.file), bad,
			cmp.Or(b.bad.why, "that it held"))
	}
	if _, err := b.git(b.folder, "checkout", "--detach", from); err != nil {
		return 0, err
	}
	held := b.replay()
	if held.property != "" || held.why != "" {
		return 0, fmt.Errorf("%s: expected a schedule that holds at %s, found %s", trial.ShownName(b.file), good,
			cmp.Or(held.why, "that it violates "+held.violation()))
	}
	b.mayIgnore(held.ignored, good, out)
	said, err := b.git(b.folder, "bisect", "start", to, from, "--", ".")
	for err == nil && !firstBad.MatchString(said) {
		said, err = b.step()
	}
	return b.report(said, err, out)
}

// mayIgnore sets the events that a revision may ignore and mean the same. Those that only
// the good one ignores are printed: people must judge whether it means the same there.
func (b *bisection) mayIgnore(atGood []string, good string, out io.Writer) {
	b.means = slices.Clone(b.bad.ignored)
	for _, event := range atGood {
		if !slices.Contains(b.means, event) {
			fmt.Fprintf(out, "note        ignored at %s, and not at the bad revision: %s\n",
				printable(good), printable(event))
			b.means = append(b.means, event)
		}
	}
}

// The ends of a bisection, in the words of git bisect.
var (
	firstBad    = regexp.MustCompile(`(?m)^([0-9a-f]{40,}) is the first bad commit$`)
	onlySkipped = "only 'skip'ped commits left"
)

// step judges the revision that Git has checked out, and returns Git's answer.
func (b *bisection) step() (string, error) {
	verdict, why := b.verdict(b.replay())
	at, err := b.git(b.folder, "log", "-1", "--format=%h %s")
	if err != nil {
		return "", err
	}
	at = strings.TrimSpace(at)
	fmt.Fprintf(b.errs, "%s\t%s\n", verdict, printable(at))
	if verdict == "skip" {
		b.skipped = append(b.skipped, at+": "+why)
	}
	return b.git(b.folder, "bisect", verdict)
}

// verdict says how a revision replays the schedule: "bad" as the bad revision does, "good"
// if it holds, and "skip", with the reason, if that says nothing.
func (b *bisection) verdict(r atRevision) (verdict, why string) {
	switch {
	case r.why != "":
		return "skip", r.why
	case slices.Contains(r.all, b.bad.property):
		return "bad", ""
	case r.property != "":
		return "skip", fmt.Sprintf("it violates %s, not %s", r.violation(), b.bad.property)
	}
	for _, event := range r.ignored {
		if !slices.Contains(b.means, event) {
			return "skip", "the schedule means something else, as this event is ignored: " + event
		}
	}
	return "good", ""
}

// violation is the property that was violated first, and how if that is known.
func (r atRevision) violation() string { return strings.TrimSuffix(r.property+": "+r.how, ": ") }

// died is how a revision replays a schedule that its system does not survive.
func died(how string) atRevision {
	return atRevision{property: trial.Survival.Name, all: []string{trial.Survival.Name}, how: how}
}

const (
	// replayLooks is the number of looks at a replay after which it hangs: two minutes at
	// least. A program that runs its system in a process apart reports that itself, and sooner.
	replayLooks = 1200
	lookEach    = 100 * time.Millisecond
	// replayName is the name of the program of a revision, in front of its errors.
	replayName = "program"
)

// errHangs is the cause of the end of a replay that hangs.
var errHangs = errors.New("its replay does not end")

// endLate ends a replay after so many looks. It counts its own, so that a machine that stands
// still condemns no revision.
func endLate(ctx context.Context, looks int, end context.CancelCauseFunc) {
	each := time.NewTicker(lookEach)
	defer each.Stop()
	for range looks {
		select {
		case <-each.C:
		case <-ctx.Done():
			return
		}
	}
	end(errHangs)
}

// replay builds the program of the revision that is checked out, and replays the schedule.
func (b *bisection) replay() atRevision {
	// Without what debuggers need, a build takes less time.
	build := exec.CommandContext(b.ctx, "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", b.built(),
		b.program)
	build.Dir = b.folder
	b.builds++
	if text, err := build.CombinedOutput(); err != nil {
		return atRevision{why: "it cannot be built: " + firstLine(text, err)}
	}
	return b.replayBuilt()
}

// built is the file of the program that was built last.
func (b *bisection) built() string { return filepath.Join(b.scratch, replayName) }

// replayBuilt replays the schedule by the program that was built last. One that ends or hangs before
// its verdict has a system that violates Survival: of an old revision, or another one's program, it
// need not run in a process apart.
func (b *bisection) replayBuilt() atRevision {
	ctx, end := context.WithCancelCause(b.ctx)
	defer end(nil)
	go endLate(ctx, b.looks, end)
	replay := exec.CommandContext(ctx, b.built(), "replay", b.file)
	replay.Dir, replay.WaitDelay = b.folder, time.Second // a process that it started may hold its output
	text, err := replay.Output()
	switch {
	case b.ctx.Err() != nil:
		return atRevision{why: b.ctx.Err().Error()}
	case errors.Is(context.Cause(ctx), errHangs):
		return died(errHangs.Error())
	}
	return replayOf(text, err)
}

// replayOf reads the output and the end of a replay. One that rejects the schedule prints an
// error that begins with the program's name, and says nothing of its system.
func replayOf(text []byte, err error) atRevision {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return atRevision{why: "it cannot be run: " + printable(err.Error())}
	}
	r, judged := readReplay(string(text))
	switch {
	case judged && (exit == nil || exit.ExitCode() == exitViolated):
		return r
	case exit == nil:
		return died("its program ends with exit status 0 before a verdict")
	case judged || strings.Contains("\n"+string(exit.Stderr), "\n"+replayName+": "):
		return atRevision{why: "it cannot replay the schedule: " + firstLine(exit.Stderr, err)}
	}
	return died("its program ends with " + exit.Error() + " before a verdict")
}

// firstLine is the first line of a program's output, or else its error.
func firstLine(text []byte, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return printable(cmp.Or(line, err.Error()))
}

// The lines of the output of replay: an event, its effects, and a verdict.
var (
	eventLine    = regexp.MustCompile(`^\d+\. .+`)
	violatedLine = regexp.MustCompile(`^violated ([A-Za-z0-9]+)`)
)

// readReplay reads the output of replay, and reports whether it came to a verdict.
func readReplay(text string) (r atRevision, judged bool) {
	event := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "the file says otherwise:":
			return r, judged
		case line == "----":
			judged = true
		case judged:
			if of := violatedLine.FindStringSubmatch(line); of != nil && !slices.Contains(r.all, of[1]) {
				r.all = append(r.all, of[1])
				r.property = cmp.Or(r.property, of[1])
			}
		case eventLine.MatchString(line):
			event = line
		case strings.HasPrefix(strings.TrimSpace(line), "ignored: "):
			r.ignored = append(r.ignored, event)
		}
	}
	return r, judged
}

// git runs Git in a folder and returns its output.
func (b *bisection) git(folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(b.ctx, "git", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	text, err := cmd.CombinedOutput()
	if err != nil && !strings.Contains(string(text), onlySkipped) {
		return "", fmt.Errorf("git %s: %s", args[0], firstLine(text, err))
	}
	if strings.Contains(string(text), onlySkipped) {
		return string(text), errSkipped
	}
	return string(text), nil
}

// errSkipped is the end of a bisection between revisions that cannot be judged.
var errSkipped = errors.New("revisions that cannot be judged are left, and the first bad one is among them")

// report prints the first bad revision, and those that were not judged.
func (b *bisection) report(said string, err error, out io.Writer) (int, error) {
	for _, one := range b.skipped {
		fmt.Fprintf(out, "not judged  %s\n", printable(one))
	}
	fmt.Fprintf(out, "builds      %d\nproperty    %s\n", b.builds, b.bad.property)
	if err != nil {
		return 0, err
	}
	first, err := b.git(b.folder, "show", "-s", "--format=%h %s", firstBad.FindStringSubmatch(said)[1])
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "first bad   %s\n", printable(strings.TrimSpace(first)))
	return exitHeld, nil
}
