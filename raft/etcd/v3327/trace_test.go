package v3327

import (
	"os"
	"testing"

	"raftcheck/fuzz"
)

func TestTraceFile(t *testing.T) {
	f := os.Getenv("SCHEDULE")
	if f == "" {
		return
	}
	s, err := fuzz.ReadSchedule(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := fuzz.Trace(System{}, s, os.Stdout)
	t.Log(r.Lines(), err)
}
