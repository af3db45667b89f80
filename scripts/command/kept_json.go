package command

import (
	"raftcheck/fuzz"
	"raftcheck/fuzz/campaign"
)

// keptReport is the output of fuzz -campaign DIR -json and of campaign report -json.
type keptReport struct {
	System    string                      `json:"system"`
	Profile   string                      `json:"profile"`
	Seed      uint64                      `json:"seed"`
	Build     string                      `json:"build"`  // of the program that reports
	Builds    map[string]int              `json:"builds"` // schedules by the build that ran them
	Schedules int                         `json:"schedules"`
	Events    int                         `json:"events"`
	TraceHash campaign.Sum                `json:"trace_hash"`
	Verdicts  map[string]fuzz.Counts      `json:"verdicts"` // by property
	Goals     map[string]campaign.Reached `json:"goals"`
	Missed    []string                    `json:"missed"` // goals
	States    campaign.Unseen             `json:"states"`
	Pairs     campaign.Unseen             `json:"pairs"`    // of goals
	Sorts     campaign.Unseen             `json:"sorts"`    // of findings
	Curve     []campaign.Point            `json:"curve"`    // abstract states
	Findings  []sortedFinding             `json:"findings"` // the smallest first
	Known     []knownFinding              `json:"known"`
	Verdict   string                      `json:"verdict"`
}

// sortedFinding is one finding, however many schedules show it.
type sortedFinding struct {
	Signs    []string      `json:"signs"`    // verdicts without numbers and names
	Standing string        `json:"standing"` // "new", "back", "known", "not judged" or "gone"
	Known    string        `json:"known,omitempty"`
	File     string        `json:"file"` // below the folder's findings
	Property string        `json:"property"`
	Verdict  string        `json:"verdict"`
	Events   int           `json:"events"`
	Shape    string        `json:"shape"`  // families of the events
	Blocks   int           `json:"blocks"` // that have it
	First    campaign.Seen `json:"first"`
	Last     campaign.Seen `json:"last"`
	Now      recurrence    `json:"now"` // how often it fails on this build
	// Versions are those of the campaign, in the order of their first runs.
	Versions []campaign.Version `json:"versions"`
}

// knownFinding is a known finding, and how often it fails on this build.
type knownFinding struct {
	Name string     `json:"name"`
	Why  string     `json:"why"`
	Now  recurrence `json:"now"`
	Back string     `json:"back,omitempty"` // the build on which it did not fail, if it came back
}

// keptReportOf is a report in JSON.
func keptReportOf(r *campaign.Report) keptReport {
	t := r.Tally
	report := keptReport{
		System: r.Asked.System, Profile: r.Asked.Profile, Seed: r.Asked.Seed, Build: r.Build, Builds: t.Builds,
		Schedules: t.Schedules(), Events: t.Events, TraceHash: t.TraceHash, Verdicts: t.Verdicts, Goals: t.Goals,
		Missed: listOf(r.Missed), States: r.States, Pairs: r.Pairs, Sorts: r.Sorts, Curve: r.Curve,
		Findings: []sortedFinding{}, Known: []knownFinding{}, Verdict: r.Outcome().String(),
	}
	for _, f := range r.Findings {
		report.Findings = append(report.Findings, sortedFinding{
			Signs: f.Keys, Standing: f.Standing(r.Build), Known: f.KnownAs, File: f.File, Property: f.Property,
			Verdict: f.Smallest.Verdict, Events: f.Smallest.Events, Shape: f.Smallest.Shape,
			Blocks: f.Blocks, First: f.First, Last: f.Last,
			Now: recurrence{f.Now.Violated, f.Now.Runs}, Versions: r.Versions(f.Finding),
		})
	}
	for _, k := range r.Known {
		now := recurrence{k.Now.Violated, k.Now.Runs}
		report.Known = append(report.Known, knownFinding{k.Name, k.Why, now, k.Back})
	}
	return report
}
