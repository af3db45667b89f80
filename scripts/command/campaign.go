package command

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"raftcheck/fuzz/campaign"
	"raftcheck/fuzz/trial"
)

// campaignVerbs are the things to do with the folder of a campaign.
var campaignVerbs = map[string]func(context.Context, *folderFlags, io.Writer) (int, error){
	"status": showStatus, "merge": mergeFolder, "report": reportFolder,
}

// folderFlags are the flags of the command campaign, and the folder that it names.
type folderFlags struct {
	*campaign.Folder
	exec string // the command of the folder's system, "" if this program has it
	json bool
}

func runCampaign(ctx context.Context, args []string, out, _ io.Writer) (int, error) {
	var f folderFlags
	set := newFlags("campaign")
	set.exec(&f.exec)
	set.group("system, if it is another program")
	set.json(&f.json)
	set.group("output")
	verb := campaignVerbs[""]
	if len(args) > 0 {
		if verb = campaignVerbs[args[0]]; verb != nil {
			args = args[1:]
		}
	}
	if err := set.parse(args, out); err != nil {
		return 0, err
	}
	if verb == nil {
		return 0, set.wrong("expected status, merge or report and a folder, found %q", set.Arg(0))
	}
	path, err := set.argument("DIR")
	if err != nil {
		return 0, err
	}
	if f.Folder, err = campaign.Open(path); err != nil {
		return 0, err
	}
	return verb(ctx, &f, out)
}

// showStatus prints how much is done, and the latest runs. It runs nothing.
func showStatus(_ context.Context, folder *folderFlags, out io.Writer) (int, error) {
	t, err := folder.Tally()
	if err != nil {
		return 0, err
	}
	runs, err := folder.Runs()
	if err != nil {
		return 0, err
	}
	if folder.json {
		printJSON(out, struct {
			campaign.Asked
			Done campaign.Spans `json:"done"`
			Runs []campaign.Run `json:"runs"`
		}{folder.Asked, t.Done, runs})
		return exitHeld, nil
	}
	asked := folder.Asked
	fmt.Fprintf(out, "system      %s\nprofile     %s\nseed        %d\n", asked.System, asked.Profile, asked.Seed)
	fmt.Fprintf(out, "schedules   %s\n", thousands(t.Schedules()))
	for _, one := range t.Done[:min(len(t.Done), 10)] {
		fmt.Fprintf(out, "            %s to %s\n", thousands(one.From), thousands(one.To-1))
	}
	fmt.Fprintf(out, "findings    %d\nruns        %d\n", len(t.Bugs()), len(runs))
	for _, r := range runs[max(0, len(runs)-5):] {
		fmt.Fprintf(out, "            %s on %s, shard %s, build %s\n",
			printable(r.When), printable(r.Host), printable(r.Shard), printable(r.Build))
	}
	return exitHeld, nil
}

// mergeFolder merges the folder, and prints the hash of the result.
func mergeFolder(ctx context.Context, folder *folderFlags, out io.Writer) (int, error) {
	runner, err := folder.runner(ctx)
	if err != nil {
		return 0, err
	}
	defer runner.Close()
	t, err := folder.Merge()
	if err != nil {
		return 0, err
	}
	if err := folder.WriteCorpus(t, choices(ctx, runner, folder.Asked.Seed)); err != nil {
		return 0, err
	}
	file := filepath.Join(folder.Path, "result.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(out, "%s  %s: %s\n", fmt.Sprintf("%x", sha256.Sum256(text)), trial.ShownName(file),
		plural(t.Schedules(), "schedule"))
	return exitHeld, nil
}

// reportFolder judges the findings of the folder by this program, and prints everything.
func reportFolder(ctx context.Context, folder *folderFlags, out io.Writer) (int, error) {
	runner, err := folder.runner(ctx)
	if err != nil {
		return 0, err
	}
	defer runner.Close()
	t, err := folder.Tally()
	if err != nil {
		return 0, err
	}
	known, err := folder.Known(serviceSet)
	if err != nil {
		return 0, err
	}
	r, err := reportOn(ctx, folder.Folder, folder.Asked, t, known, runner)
	if err != nil {
		return 0, err
	}
	if folder.json {
		printJSON(out, keptReportOf(r))
	} else {
		printKept(out, r, folder.Path)
	}
	return exitCode(r.Outcome()), drawCampaign(ctx, folder.Folder, r, runner)
}

// runner returns a runner of the system that the folder names.
func (f *folderFlags) runner(ctx context.Context) (runner, error) {
	named := f.Asked.System
	if f.exec != "" {
		named = ""
	}
	system, err := systemOf(named, f.exec)
	if err == nil && system.Name() != f.Asked.System {
		err = fmt.Errorf("the folder has a campaign of system %s, not %s", f.Asked.System, system.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", trial.ShownName(f.Path), err)
	}
	return newRunner(ctx, system), nil
}
