package v360

import (
	"os"
	"strings"
	"testing"

	"raftcheck/faults"
	"raftcheck/fuzz"
)

const hand = `system etcd-v3.6.0
nodes  3
rand   7

timeout 1
settle
call c1 1 put x 1
settle
read c2 2 get x
retry c2 2
deliver 2->1
deliver 1->3
deliver 1->2
deliver 2->1 k=1
deliver 1->2
timeout 2
persist 2
drop 2->1 k=1
deliver 2->3
persist 3
deliver 3->2
drop 2->1 k=1
persist 2
deliver 2->3
persist 3
deliver 3->2
persist 2
call c1 2 put x 2
persist 2
deliver 2->3
deliver 2->3
persist 3
persist 3
deliver 3->2
persist 2
persist 3
deliver 3->2
persist 2
read c3 1 get x
deliver 2->1
deliver 3->1
`

func TestHand(t *testing.T) {
	s, err := faults.Parse("hand", []byte(hand))
	if err != nil {
		t.Fatal(err)
	}
	r, err := fuzz.Trace(System{}, s, os.Stdout)
	t.Log(strings.Join(r.Lines(), "\n"), err)
}
