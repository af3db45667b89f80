package command

import (
	"encoding/json"
	"fmt"
	"io"

	"raftcheck/fuzz"
	"raftcheck/models"
)

// printJSON prints a report as one object. The types in this file are the formats of
// -json; hunt prints a [hunt.Report], and mutants a [hunt.Table]. Lists are never null.
// A verdict is "held", "violated" or "not checked".
func printJSON(w io.Writer, report any) {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.Encode(report) // to a buffer, whose error run reports
}

// campaignReport is the output of fuzz -json.
type campaignReport struct {
	System          string         `json:"system"`
	Profile         string         `json:"profile"`
	Seed            uint64         `json:"seed"`
	Schedules       int            `json:"schedules"` // that were run, those with the lowest numbers
	EndedBy         ending         `json:"ended_by"`
	Stopped         bool           `json:"stopped"` // by a signal, before all schedules were run
	Events          int            `json:"events"`  // plain ones, those that macro events stand for included
	EventsPerSecond int            `json:"events_per_second"`
	TraceHash       string         `json:"trace_hash"` // 16 hexadecimal digits, over all traces
	Heals           healsReport    `json:"heals"`
	Goals           goalsReport    `json:"goals"`
	Violations      []violation    `json:"violations"`
	NotChecked      map[string]int `json:"not_checked"`         // schedules by property
	NotAsked        []string       `json:"not_asked,omitempty"` // rules of Raft's own
	Until           string         `json:"until,omitempty"`
	Verdict         string         `json:"verdict"` // of the property of -until, or else of all
}

// healsReport says how long heals took, in ticks.
type healsReport struct {
	Count     int `json:"count"`
	Median    int `json:"median"`
	Within99  int `json:"within_99"`  // 99% of them ended within so many ticks
	Within999 int `json:"within_999"` // 99.9%
	Most      int `json:"most"`
}

// goalsReport has the names of goals.
type goalsReport struct {
	Reached   []string `json:"reached"`
	Unreached []string `json:"unreached"` // all others
	Missed    []string `json:"missed"`    // those of them that the campaign was held to
}

// violation is the first counterexample of a property, by a reason of its own.
type violation struct {
	Property  string `json:"property"`
	Schedules int    `json:"schedules"`       // how many violated it
	Schedule  int    `json:"schedule"`        // the number of the first
	Events    int    `json:"events"`          // of the shrunk counterexample
	Depth     int    `json:"depth,omitempty"` // of a shortest one, in events that an exploration counts
	Verdict   string `json:"verdict"`         // in words
	File      string `json:"file"`            // "" if it could not be written
	// Continues is set if the counterexample continues that schedule, which broke a rule.
	Continues bool `json:"continues,omitempty"`
	// FileEvents is there if the file was there before, and stays as it is: its events, 0 if
	// it is no schedule.
	FileEvents *int `json:"file_events,omitempty"`
	// Recurrence is there if the system is not deterministic.
	Recurrence *recurrence `json:"recurrence,omitempty"`
}

// recurrence is how often a schedule fails of a system that is not deterministic.
type recurrence struct {
	Violated int `json:"violated"`
	Runs     int `json:"runs"`
}

// neighbourhoodReport is the output of neighbourhood -json.
type neighbourhoodReport struct {
	System          string         `json:"system"`
	Centre          string         `json:"centre"`  // the file
	Changes         int            `json:"changes"` // at most
	AppendOnly      bool           `json:"append_only"`
	Schedules       int            `json:"schedules"`
	Away            []int          `json:"away"`   // schedules by number of changes, from 0
	Traces          int            `json:"traces"` // that differ
	Events          int            `json:"events"`
	EventsPerSecond int            `json:"events_per_second"`
	TraceHash       string         `json:"trace_hash"`
	Violations      []near         `json:"violations"`
	NotChecked      map[string]int `json:"not_checked"` // schedules by property
	Verdict         string         `json:"verdict"`
	Stopped         bool           `json:"stopped"`
}

// escalationReport is the output of escalate -json.
type escalationReport struct {
	System    string   `json:"system"`
	Schedule  string   `json:"schedule"` // the file that was continued
	Seed      uint64   `json:"seed"`
	Climbs    int      `json:"climbs"`
	Schedules int      `json:"schedules"` // that were run
	Reached   []string `json:"reached"`   // situations
	Property  string   `json:"property"`  // the outcome that is violated; "" if none is
	Lines     []string `json:"lines"`     // every verdict of that run but held
	File      string   `json:"file"`
	Stopped   bool     `json:"stopped"`
	Verdict   string   `json:"verdict"`
}

// near is the nearest counterexample of a property in a neighbourhood.
type near struct {
	violation
	Changes     int      `json:"changes"` // how many it is away
	Differences []string `json:"differences"`
}

// explorationReport is the output of explore -json.
type explorationReport struct {
	System          string         `json:"system"`
	Bounds          map[string]int `json:"bounds"` // by the names of their flags
	FIFO            bool           `json:"fifo"`
	Renamings       int            `json:"renamings"` // of nodes under which states are the same
	States          int            `json:"states"`
	StatesPerSecond int            `json:"states_per_second"`
	BytesPerState   int            `json:"bytes_per_state"`
	OnDisk          int            `json:"on_disk"`   // states that memory does not hold
	Generated       int            `json:"generated"` // steps to a state, visited already or not
	Beyond          int            `json:"beyond"`    // steps that the bounds leave out
	Levels          []int          `json:"levels"`    // states by depth, from 0
	Healed          int            `json:"healed"`    // states whose cluster was healed
	Loop            []string       `json:"loop"`      // events that come back for ever after a heal
	Sum             string         `json:"sum"`       // over the fingerprints of all states
	Replayed        bool           `json:"replayed"`  // every step, as nodes cannot be cloned
	Unkept          string         `json:"unkept"`    // a broken promise, so that no message was dropped
	Violations      []violation    `json:"violations"`
	NotChecked      []string       `json:"not_checked"`         // that nodes do not show enough for
	NotJudged       []string       `json:"not_judged"`          // properties that it leaves out
	NotAsked        []string       `json:"not_asked,omitempty"` // rules of Raft's own
	Exhausted       bool           `json:"exhausted"`           // every state within the bounds was visited
	Stopped         string         `json:"stopped"`             // why not
	Verdict         string         `json:"verdict"`
}

// replayReport is the output of replay -json.
type replayReport struct {
	System      string                `json:"system"`
	Nodes       int                   `json:"nodes"`
	Events      int                   `json:"events"`
	TraceHash   string                `json:"trace_hash"`
	Goals       []string              `json:"goals"`    // reached
	Verdicts    map[string]string     `json:"verdicts"` // by property, of those that the schedule asks for
	Recurrences map[string]recurrence `json:"recurrences"`
	// Lines are the verdicts that did not hold, as the file of a schedule has them.
	Lines   []string `json:"lines"`
	Stack   []string `json:"stack,omitempty"` // of the system's code where it broke Survival, if known
	Verdict string   `json:"verdict"`
}

// conformReport is the output of conform -json.
type conformReport struct {
	System     string       `json:"system"`
	Rules      []ruleReport `json:"rules"`
	NotChecked []string     `json:"not_checked"` // rules about abilities that the adapter does not have
	Verdict    string       `json:"verdict"`
}

type ruleReport struct {
	Rule    string `json:"rule"`
	Outcome string `json:"outcome"` // "held", "violated" or "not offered"
	Text    string `json:"text"`    // the mistake, or the missing ability
}

// judgeReport is the output of judge -json.
type judgeReport struct {
	Histories []historyReport `json:"histories"`
	Verdict   string          `json:"verdict"` // violated if any is, else not checked if any is
}

// historyReport is the verdict on one history file. If Error is there, the file was
// not read, or its page not written.
type historyReport struct {
	File        string `json:"file"` // "-" is standard input
	Format      string `json:"format"`
	Model       string `json:"model"`
	Initial     string `json:"initial"`
	Operations  int    `json:"operations"`
	Unknown     int    `json:"unknown"` // of them
	Clients     int    `json:"clients"`
	Keys        int    `json:"keys"`
	Faults      int    `json:"faults"`
	Steps       int    `json:"steps"` // of the model, in the search
	Verdict     string `json:"verdict"`
	Key         string `json:"key"` // of the reason
	Reason      string `json:"reason"`
	KeysGivenUp int    `json:"keys_given_up"`
	Expect      string `json:"expect,omitempty"` // the verdict that the file names
	Page        string `json:"page,omitempty"`
	Error       string `json:"error,omitempty"`
}

func hexadecimal(hash uint64) string { return fmt.Sprintf("%016x", hash) }

// notChecked counts the schedules that were not checked, by property.
func notChecked(r *fuzz.Report) map[string]int {
	counts := map[string]int{}
	for name, v := range r.Verdicts {
		if v.NotChecked > 0 {
			counts[name] = v.NotChecked
		}
	}
	return counts
}

// listOf is a list that JSON does not call null.
func listOf[T any](list []T) []T { return append([]T{}, list...) }

func properties(verdicts []models.Verdict) []string {
	names := []string{}
	for _, v := range verdicts {
		names = append(names, v.Property)
	}
	return names
}
