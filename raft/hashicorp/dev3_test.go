package hashicorp

import (
	"fmt"
	"os"
	"testing"

	"raftcheck/fuzz"
	"raftcheck/models"
)

func TestSame(t *testing.T) {
	if os.Getenv("SAME") == "" {
		t.Skip()
	}
	r, prng := fuzz.NewRunner(System{}), fuzz.NewPRNG(0)
	same, total, all := 0, 0, 0
	for i := range 100 {
		prng.Seed(models.Mix(models.Mix(1, 1), uint64(i)))
		s, res := r.Generate(fuzz.Swarm, prng)
		h := res.TraceHash
		k := 0
		for range 10 {
			if r.Run(s).TraceHash == h {
				k++
			}
		}
		same += k
		total += 10
		if k == 10 {
			all++
		}
	}
	fmt.Println("identical replays", same, "of", total, "schedules all alike", all)
}
