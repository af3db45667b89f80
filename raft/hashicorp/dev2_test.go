package hashicorp

import (
	"fmt"
	"io"
	"os"
	"testing"

	"raftcheck/faults"
	"raftcheck/fuzz"
	"raftcheck/models"
)

type tell struct{ w io.Writer }

func (t tell) Observe(r *models.Record) {
	fmt.Fprintf(t.w, "e%d kind=%d n%d peer=%d %T %s| ", r.Event, r.Kind, r.Node, r.Peer, r.Input, r.Text)
	if in, ok := r.Input.(interface{ String() string }); ok {
		fmt.Fprint(t.w, in)
	}
	s := r.Status
	fmt.Fprintf(t.w, "%s t%d v%d %s..%s c%d a%d %s@%d dur=%d\n", s.Role, s.Term, s.Vote, s.Base, s.Last, s.Commit, s.Applied, s.Config, s.ConfigIndex, r.Durable)
	for _, w := range r.Out.Writes {
		fmt.Fprintf(t.w, "      w%d %s\n", w.ID, System{}.DescribeWrite(w.Data))
	}
	for _, m := range r.Out.Sends {
		fmt.Fprintf(t.w, "      %d->%d %s\n", m.From, m.To, System{}.DescribeMessage(m))
	}
	for _, m := range r.Out.Replies {
		fmt.Fprintf(t.w, "      reply %v\n", m)
	}
	if r.Out.Restore.ID.Index > 0 {
		fmt.Fprintf(t.w, "      restore %v\n", r.Out.Restore.ID)
	}
	for _, a := range r.Out.Applied {
		fmt.Fprintf(t.w, "      applied %v %d\n", a.ID, a.Kind)
	}
}

func TestReplay(t *testing.T) {
	f := os.Getenv("F")
	if f == "" {
		t.Skip()
	}
	b, _ := os.ReadFile(f)
	s, err := faults.Parse(f, b)
	if err != nil {
		t.Fatal(err)
	}
	r := fuzz.NewRunner(System{}, tell{os.Stdout})
	res := r.Run(s)
	fmt.Println(res.Lines())
}
