package command

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	keep "raftcheck/fuzz/campaign"
	"raftcheck/fuzz/trial"
)

// campaignVerbs are the things to do with the folder of a campaign.
var campaignVerbs = map[string]func(*keep.Folder, bool, io.Writer) (int, error){
	"status": showStatus, "merge": mergeFolder, "report": reportFolder,
}

func runCampaign(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	var asJSON bool
	set := newFlags("campaign")
	set.json(&asJSON)
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
	folder, err := keep.Open(path)
	if err != nil {
		return 0, err
	}
	return verb(folder, asJSON, out)
}

// showStatus prints how much is done, and the latest runs. It runs nothing.
func showStatus(folder *keep.Folder, asJSON bool, out io.Writer) (int, error) {
	t, err := folder.Tally()
	if err != nil {
		return 0, err
	}
	runs, err := folder.Runs()
	if err != nil {
		return 0, err
	}
	if asJSON {
		printJSON(out, struct {
			keep.Asked
			Done keep.Spans `json:"done"`
			Runs []keep.Run `json:"runs"`
		}{folder.Asked, t.Done, runs})
		return exitHeld, nil
	}
	asked := folder.Asked
	fmt.Fprintf(out, "system      %s\nprofile     %s\nseed        %d\n", asked.System, asked.Profile, asked.Seed)
	fmt.Fprintf(out, "schedules   %s\n", thousands(t.Schedules()))
	for _, one := range t.Done[:min(len(t.Done), 10)] {
		fmt.Fprintf(out, "            %s to %s\n", thousands(one.From), thousands(one.To-1))
	}
	fmt.Fprintf(out, "findings    %d\nruns        %d\n", len(t.Findings), len(runs))
	for _, r := range runs[max(0, len(runs)-5):] {
		fmt.Fprintf(out, "            %s on %s, shard %s, build %s\n",
			printable(r.When), printable(r.Host), printable(r.Shard), printable(r.Build))
	}
	return exitHeld, nil
}

// mergeFolder merges the folder, and prints the hash of the result.
func mergeFolder(folder *keep.Folder, _ bool, out io.Writer) (int, error) {
	runner, err := runnerOf(folder)
	if err != nil {
		return 0, err
	}
	t, err := folder.Merge()
	if err != nil {
		return 0, err
	}
	if err := folder.WriteCorpus(t, runner); err != nil {
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
func reportFolder(folder *keep.Folder, asJSON bool, out io.Writer) (int, error) {
	runner, err := runnerOf(folder)
	if err != nil {
		return 0, err
	}
	t, err := folder.Tally()
	if err != nil {
		return 0, err
	}
	known, err := folder.Known(serviceSet)
	if err != nil {
		return 0, err
	}
	r, err := reportOn(folder, folder.Asked, t, known, runner)
	if err != nil {
		return 0, err
	}
	if asJSON {
		printJSON(out, keptReportOf(r))
	} else {
		printKept(out, r, folder.Path)
	}
	return exitCode(r.Outcome()), nil
}

// runnerOf returns a runner of the system that a folder names.
func runnerOf(folder *keep.Folder) (*trial.Runner, error) {
	system, err := systemNamed(folder.Asked.System)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", trial.ShownName(folder.Path), err)
	}
	return trial.NewRunner(system, serviceSet), nil
}
