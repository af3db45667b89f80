package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"raftcheck/fuzz/campaign"
	"raftcheck/fuzz/generate"
	"raftcheck/fuzz/trial"
)

// reportOn judges what a campaign said, by the program that runs. The folder is nil if the
// campaign is in memory.
func reportOn(
	ctx context.Context, folder *campaign.Folder, asked campaign.Asked, total *campaign.Tally,
	known []campaign.Known, runner runner,
) (*campaign.Report, error) {
	build, err := campaign.Build()
	if err != nil {
		return nil, err
	}
	r := campaign.NewReport(ctx, asked, total, known, build, runner)
	if err := runner.Err(); err != nil && !errors.Is(err, context.Canceled) {
		return nil, err
	}
	if folder != nil {
		if r.Runs, err = folder.Runs(); err != nil {
			return nil, err
		}
		if err := folder.Recall(r); err != nil {
			return nil, err
		}
	}
	profile, ok := generate.ProfileNamed(asked.Profile)
	if !ok {
		return nil, misuse{fmt.Errorf("no profile %q", asked.Profile), "list profiles"}
	}
	r.Reach(trial.GoalsOf(serviceSet), profile.Services(serviceSet), runner.System())
	return r, nil
}

// printKept prints a report on a campaign; folder is "" if it is in memory. A file of the folder
// may hold any text.
func printKept(out io.Writer, r *campaign.Report, folder string) {
	w, t := new(strings.Builder), r.Tally
	fmt.Fprintf(w, "system      %s\nprofile     %s\nseed        %d\n",
		r.Asked.System, r.Asked.Profile, r.Asked.Seed)
	fmt.Fprintf(w, "build       %s\n", r.Build)
	fmt.Fprintf(w, "schedules   %s, run by %s\n", thousands(t.Schedules()), plural(len(t.Builds), "build"))
	fmt.Fprintf(w, "events      %s\n", thousands(t.Events))
	fmt.Fprintf(w, "trace hash  %016x\n", uint64(t.TraceHash))
	fmt.Fprintf(w, "goals       %d of %d\n", len(r.Reachable)-len(r.Missed), len(r.Reachable))
	for _, goal := range r.Missed {
		fmt.Fprintf(w, "            not reached: %s\n", goal)
	}
	fmt.Fprintf(w, "\n%-22s %12s %12s %12s\n", "property", "held", "violated", "not checked")
	for _, name := range r.Properties {
		v := t.Verdicts[name]
		fmt.Fprintf(w, "%-22s %12s %12s %12s\n", name,
			thousands(v.Held), thousands(v.Violated), thousands(v.NotChecked))
	}
	printUnseen(w, r)
	for _, f := range r.Findings {
		printSorted(w, r, f, folder)
	}
	for _, k := range r.Known {
		printKnown(w, k)
	}
	fmt.Fprintf(w, "\n%s\n", r.Outcome())
	io.WriteString(out, printable(w.String()))
}

// printSorted prints a finding.
func printSorted(w io.Writer, r *campaign.Report, f campaign.Sorted, folder string) {
	fmt.Fprintf(w, "\n%s: %s%s\n", f.Standing(r.Build), f.Smallest.Verdict, inRuns(f.Now))
	shape := ""
	if f.Smallest.Shape != "" {
		shape = " (" + strings.ReplaceAll(f.Smallest.Shape, " ", ", ") + ")"
	}
	fmt.Fprintf(w, "    %s%s; in %s; first seen by schedule %s, last by %s\n",
		plural(f.Smallest.Events, "event"), shape, plural(f.Blocks, "block"), seenBy(r, f.First), seenBy(r, f.Last))
	if seen := r.SeenIn(f.Finding); seen != "" {
		fmt.Fprintf(w, "    seen in %s\n", seen)
	}
	if f.KnownAs != "" {
		fmt.Fprintf(w, "    known as %s: %s\n", f.KnownAs, f.Why)
	}
	if folder == "" {
		fmt.Fprintf(w, "%s\n", indented(f.Smallest.Text))
		return
	}
	printReplay(w, filepath.Join(folder, "findings", f.File))
}

// seenBy names a schedule, its build, and the day on which that first ran.
func seenBy(r *campaign.Report, s campaign.Seen) string {
	text := fmt.Sprintf("%s of build %s", thousands(s.Schedule), s.Build)
	if day := r.When(s.Build); day != "" {
		text += " (" + day + ")"
	}
	return text
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

// inRuns says how often a schedule fails now, if its system is not deterministic, and why
// it could not be run.
func inRuns(n campaign.Now) string {
	switch {
	case n.Err != nil:
		return fmt.Sprintf(" (not run now: %v)", n.Err)
	case n.Runs > 1:
		return fmt.Sprintf(" (now in %d of %d runs)", n.Violated, n.Runs)
	}
	return ""
}

// printKnown prints a known finding that came back, that does not fail any more, or that cannot
// be run.
func printKnown(w io.Writer, k campaign.Judged) {
	if k.Back != "" {
		fmt.Fprintf(w, "\nknown %s is back: it did not fail on build %s\n    %s\n", k.Name, k.Back, k.Why)
	}
	switch {
	case k.Now.Fails():
		return
	case k.Now.Err != nil:
		fmt.Fprintf(w, "\nknown %s was not run: %v\n    %s\n", k.Name, k.Now.Err, k.Why)
		return
	}
	fmt.Fprintf(w, "\nknown %s no longer fails%s: remove it from the known findings\n    %s\n",
		k.Name, inRuns(k.Now), k.Why)
}

// printUnseen prints how much is seen, and estimates of how much is not.
func printUnseen(w io.Writer, r *campaign.Report) {
	fmt.Fprintf(w, "\n%-22s %12s %12s %12s %12s %15s\n",
		"seen", "kinds", "once", "twice", "unseen", "new in the next")
	for _, each := range []struct {
		name string
		campaign.Unseen
	}{{"abstract states", r.States}, {"pairs of goals", r.Pairs}, {"findings", r.Sorts}} {
		fmt.Fprintf(w, "%-22s %12s %12s %12s %12s %15.4f\n", each.name, thousands(each.Seen),
			thousands(each.Once), thousands(each.Twice), "> "+thousands(int(each.Left)), each.Next)
	}
	fmt.Fprintf(w, "%-22s", "schedules")
	for _, p := range r.Curve {
		fmt.Fprintf(w, " %9s", thousands(p.Schedules))
	}
	fmt.Fprintf(w, "\n%-22s", "abstract states")
	for _, p := range r.Curve {
		fmt.Fprintf(w, " %9s", thousands(p.States))
	}
	fmt.Fprintf(w, "\n%s\n", campaign.NoClaim)
}
