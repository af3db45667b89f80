package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"raftcheck/faults"
)

// format is the version of the folder's files.
const format = 2

// BlockSize is how many schedules are done and kept at once: a fraction of a second for
// a Raft that is a state machine, a few seconds for one with goroutines.
const BlockSize = 250

// Asked is what decides a campaign's schedules. It never changes.
type Asked struct {
	Format  int    `json:"format"` // of the folder
	System  string `json:"system"`
	Profile string `json:"profile"`
	Seed    uint64 `json:"seed"`
	Block   int    `json:"block"` // schedules in a block
}

// NewAsked returns what is asked of a new campaign.
func NewAsked(system, profile string, seed uint64) Asked {
	return Asked{Format: format, System: system, Profile: profile, Seed: seed, Block: BlockSize}
}

// origin names the run that found a schedule, as in every file of a finding.
func (a Asked) origin(number int) string {
	return fmt.Sprintf("fuzz seed=%d profile=%s schedule=%d", a.Seed, a.Profile, number)
}

// Differs returns an error that names the first difference of a folder's campaign from
// the one that is asked for.
func (a Asked) Differs(from Asked) error {
	switch {
	case a.Format != from.Format || a.Block != from.Block:
		return fmt.Errorf("expected a folder of format %d with blocks of %d schedules, found format %d with %d",
			from.Format, from.Block, a.Format, a.Block)
	case a.System != from.System:
		return fmt.Errorf("the folder has a campaign of system %s, not %s", a.System, from.System)
	case a.Profile != from.Profile:
		return fmt.Errorf("the folder has a campaign of profile %s, not %s", a.Profile, from.Profile)
	case a.Seed != from.Seed:
		return fmt.Errorf("the folder has a campaign of seed %d, not %d", a.Seed, from.Seed)
	}
	return nil
}

// parseAsked reads the content of asked.json, or the first line of a journal.
func parseAsked(text string) (a Asked, err error) {
	var any struct{ Format *int } // other formats may have other fields
	if json.Unmarshal([]byte(text), &any) == nil && any.Format != nil && *any.Format != format {
		return a, fmt.Errorf("expected format %d, found %d: another version of raftcheck wrote it",
			format, *any.Format)
	}
	if err := strictly(text, &a); err != nil {
		return a, err
	}
	switch {
	case a.Format != format || !faults.ValidName(a.System) || a.Profile == "" || a.Block < 1:
		return a, fmt.Errorf("expected a format, a system, a profile and blocks, found %s", strings.TrimSpace(text))
	}
	return a, nil
}

// strictly reads one JSON value without fields that the type does not have.
func strictly(text string, value any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(value)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("expected one JSON object, found the beginning of one: it was not written whole")
	}
	if err != nil {
		return err
	}
	if decoder.More() {
		return fmt.Errorf("expected one JSON object, found more")
	}
	return nil
}
