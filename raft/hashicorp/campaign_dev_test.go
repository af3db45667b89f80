package hashicorp

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"raftcheck/fuzz"
	"raftcheck/models"
)

func TestDev(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("N"))
	if n == 0 {
		t.Skip()
	}
	seed, _ := strconv.Atoi(os.Getenv("SEED"))
	from, _ := strconv.Atoi(os.Getenv("FROM"))
	p, _ := fuzz.ProfileNamed(os.Getenv("P"))
	var buf bytes.Buffer
	start := time.Now()
	r, prng := fuzz.NewRunner(System{}, tell{&buf}), fuzz.NewPRNG(0)
	tally, first := map[string]int{}, map[string]bool{}
	events := 0
	goals := fuzz.GoalSet(0)
	i := from
	for ; i < from+n && time.Since(start) < 300*time.Second; i++ {
		prng.Seed(models.Mix(models.Mix(1, uint64(seed)), uint64(i)))
		s, res := r.Generate(p, prng)
		trace := buf.String()
		buf.Reset()
		events += res.Events
		goals |= res.Goals
		for _, v := range res.Verdicts {
			if v.Outcome == models.Violated {
				tally[v.Property]++
				if !first[v.Property] {
					first[v.Property] = true
					fmt.Printf("%d nodes=%d prevote=%v events=%d %s\n", i, s.Nodes, s.PreVote, len(s.Events), v.String())
					os.WriteFile(fmt.Sprintf("/tmp/camp/%s-%d.txt", v.Property, i), []byte(s.String()), 0o644)
					os.WriteFile(fmt.Sprintf("/tmp/camp/%s-%d.trace", v.Property, i), []byte(trace), 0o644)
				}
			}
			if v.Outcome == models.NotChecked {
				tally["notchecked "+v.Property]++
			}
		}
	}
	fmt.Println(i-from, events, time.Since(start), runtime.NumGoroutine(), tally)
	fmt.Println("goals missed:", fuzz.AllGoals&^goals)
}
