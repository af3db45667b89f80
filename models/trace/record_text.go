package trace

import (
	"bytes"
	"fmt"
	"strings"

	"raftcheck/raft"
)

// AppendRecord appends a record as text for people. The first line has the thing that
// happened and the changes of the node's status. Indented lines follow for the writes,
// the messages that left the node, and its answers. The view already has the record. The
// describer may be nil; then messages and writes appear by their kind and size.
func AppendRecord(dst []byte, r *Record, v *View, d raft.Describer) []byte {
	t := recordText{dst: dst, r: r, v: v, d: d}
	t.head()
	if r.Shows() {
		t.changes()
	}
	t.end()
	t.consequences()
	return t.dst
}

// recordText is the text of one record, as it grows.
type recordText struct {
	dst []byte
	r   *Record
	v   *View
	d   raft.Describer
}

func (t *recordText) put(format string, args ...any) { t.dst = fmt.Appendf(t.dst, format, args...) }

// end ends a line, without spaces at its end.
func (t *recordText) end() { t.dst = append(bytes.TrimRight(t.dst, " "), '\n') }

func (t *recordText) line(format string, args ...any) {
	t.dst = append(t.dst, "    "...)
	t.put(format, args...)
	t.end()
}

// head writes the thing that happened.
func (t *recordText) head() {
	r := t.r
	switch r.Kind {
	case Stepped:
		t.input()
	case Booted:
		t.put("%s boots", r.Node)
	case BootFailed:
		t.put("%s refuses to boot: %s; ", r.Node, r.Text)
		t.down()
	case Crashed:
		t.crashed()
	case Panicked:
		t.put("%s panicked: %s; ", r.Node, r.Text)
		t.down()
	case BrokeContract:
		t.put("%s broke the contract: %s", r.Node, r.Text)
	case Rotted:
		t.put("a bit rots on the disk of %s", r.Node)
		t.detail()
	case Wiped:
		t.put("the disk of %s is gone", r.Node)
	case Rewrote:
		t.put("%s rewrote its log outside of a step: %s", r.Node, r.Text)
	default:
		t.around()
	}
}

// around writes an event between nodes, of a client, or of the run as a whole.
func (t *recordText) around() {
	r := t.r
	switch r.Kind {
	case Lost:
		t.put("%s->%s loses a message", r.Node, r.Peer)
		t.detail()
	case Doubled:
		t.put("%s->%s doubles a message", r.Node, r.Peer)
		t.detail()
	case Faulted, Expected:
		t.put("%s", r.Text)
	case Called, Returned, Declined, Abandoned, Expired:
		t.client()
	case Asked:
		t.put("the operator asks %s to %s", r.Node, r.Text)
	case Answered:
		t.put("%s answers %s: %s", r.Node, OpText(r.Op), r.Outcome)
	case Worked, Landed:
		t.put("c%d %s", r.Op.Client, r.Text)
	case Unquiet:
		t.put("never quiet")
		t.detail()
	case Healed:
		t.healed()
	case Probed:
		t.probed()
	case Stalled:
		t.put("%s takes %d ticks, and may take %d", r.Text, r.Ticks, r.Bound)
	case Ignored:
		t.put("ignored")
	default:
		t.put("record of unknown kind %d", r.Kind)
	}
}

// client writes an event of a client's operation.
func (t *recordText) client() {
	r := t.r
	if r.Kind == Called {
		t.put("c%d calls %s on %s, operation %d", r.Op.Client, r.Text, r.Node, r.Op.Seq)
		return
	}
	t.put("%s", OpText(r.Op))
	switch r.Kind {
	case Returned:
		t.put(" %s", r.Outcome)
		t.detail()
	case Declined:
		t.put(" declined by %s: %s", r.Node, r.Outcome)
	case Abandoned:
		t.put(" abandoned")
	case Expired:
		t.put(" expired")
	}
}

// OpText names an operation of a client, or a request of the operator.
func OpText(op raft.OpID) string {
	if op.Client == 0 {
		return fmt.Sprintf("the operator's request %d", op.Seq)
	}
	return fmt.Sprintf("c%d operation %d", op.Client, op.Seq)
}

// detail appends the record's text, if it has one.
func (t *recordText) detail() {
	if t.r.Text != "" {
		t.put(": %s", t.r.Text)
	}
}

// InputText describes an input of a node, or its boot if the input is nil, without the
// words of a describer.
func InputText(id raft.NodeID, in raft.Input) string {
	if in == nil {
		return id.String() + " boots"
	}
	t := recordText{r: &Record{Kind: Stepped, Node: id, Input: in}}
	t.input()
	return OneLine(string(t.dst))
}

// input writes the input of a step.
func (t *recordText) input() {
	n := t.r.Node
	switch in := t.r.Input.(type) {
	case *raft.Tick:
		t.put("%s tick", n)
	case *raft.Timeout:
		t.put("%s timeout", n)
	case *raft.Receive:
		t.put("%s receives from %s: ", n, in.Msg.From)
		t.message(&in.Msg)
	case *raft.Persisted:
		t.put("%s persisted %d", n, in.ID)
	case *raft.PersistFailed:
		t.put("%s cannot persist %d", n, in.ID)
	case *raft.Propose:
		t.put("%s is proposed %s", n, OpText(in.Op))
	default:
		t.request()
	}
}

// request writes the inputs that are requests, apart from proposals.
func (t *recordText) request() {
	n := t.r.Node
	switch in := t.r.Input.(type) {
	case *raft.Read:
		t.put("%s is asked to read %s", n, OpText(in.Op))
		if in.Lease {
			t.put(" from its lease")
		}
	case *raft.Compact:
		t.put("%s compacts up to %d, keeping %d", n, in.Index, in.Keep)
	case *raft.Reconfigure:
		t.put("%s is asked to reconfigure to %s", n, raft.Configuration{Voters: in.Voters, Learners: in.Learners})
	case *raft.Transfer:
		t.put("%s is asked to hand over to %s", n, in.To)
	case *raft.Batch:
		t.put("%s takes its next %d inputs together", n, in.Inputs)
	case *raft.Lag:
		t.put("%s applies nothing until its %d. input from now", n, in.Inputs)
	default:
		t.put("%s steps", n)
	}
}

// message writes a message in the describer's words.
func (t *recordText) message(m *raft.Message) {
	if t.d == nil {
		t.put("%s, %d bytes", m.Kind, len(m.Payload))
		return
	}
	t.dst = append(t.dst, strings.TrimSpace(described(func() string { return t.d.DescribeMessage(*m) }))...)
}

// crashed writes how many of a node's writes survive its crash.
func (t *recordText) crashed() {
	r := t.r
	t.put("%s crashed", r.Node)
	if r.Lost > 0 {
		t.put(", loses its last %d of %d writes", r.Lost, int(r.Durable)+r.Lost)
	}
	if r.Torn {
		t.put(", the first of them torn")
	}
	t.put("; ")
	t.down()
}

// down lists the nodes that booted once, or refused their disk, and are down.
func (t *recordText) down() {
	t.put("down:")
	for id := range t.v.All.All() {
		if n := &t.v.Nodes[id]; !n.Up && (n.Booted || n.Refused) {
			t.put(" %s", id)
		}
	}
}

func (t *recordText) probed() {
	r := t.r
	if r.Outcome == raft.Done {
		t.put("probed in %d ticks: well", r.Ticks)
		return
	}
	t.put("probed in %d ticks: it did not, within %d, %s", r.Ticks, r.Bound, r.Text)
}

func (t *recordText) healed() {
	r := t.r
	t.put("healed after %d", r.Ticks)
	if r.Bound != 0 {
		t.put(" of %d", r.Bound)
	}
	t.put(" ticks: ")
	if r.Stuck == Well {
		t.put("well")
		return
	}
	t.put("%s", r.Stuck)
	t.detail()
}

// changes writes the parts of the node's status that changed.
func (t *recordText) changes() {
	was, is := &t.v.Nodes[t.r.Node].Before, &t.r.Status
	c := changes{text: t}
	if is.Role != was.Role || is.Term != was.Term {
		c.put("%s t%d", is.Role, is.Term)
	}
	revoted := is.Vote != was.Vote || is.Term != was.Term
	if revoted && (is.Vote != raft.None || is.Term == was.Term) {
		c.put("vote %s", is.Vote)
	}
	if is.Leader != was.Leader && is.Role != raft.Leader && (is.Leader != raft.None || is.Term == was.Term) {
		c.put("leader is %s", is.Leader)
	}
	if t.r.Kept < was.Last.Index {
		c.put("log cut back to %d", t.r.Kept)
	}
	if len(t.r.Appended) > 0 {
		c.put("log 1..%d", int(t.r.Kept)+len(t.r.Appended))
	}
	if is.Base != was.Base {
		c.put("log starts after %d", is.Base.Index)
	}
	if t.reconfigured(was, is) {
		c.put("config %s", is.Config)
	}
	if is.Commit != was.Commit {
		c.put("commit %d", is.Commit)
	}
	if is.Applied != was.Applied {
		c.put("applied %d", is.Applied)
	}
}

// reconfigured reports whether the node acts by another configuration than before. A
// node that boots is expected to act by the first configuration.
func (t *recordText) reconfigured(was, is *raft.Status) bool {
	none := raft.Configuration{}
	return is.Config != was.Config && is.Config != none && (was.Config != none || is.Config != t.v.FirstConfig())
}

// changes is a list that starts with an arrow, unless it is empty.
type changes struct {
	text *recordText
	any  bool
}

func (c *changes) put(format string, args ...any) {
	sep := " -> "
	if c.any {
		sep = ", "
	}
	c.any = true
	c.text.dst = append(c.text.dst, sep...)
	c.text.put(format, args...)
}

// consequences writes the output of the step and the messages that left the node.
func (t *recordText) consequences() {
	r := t.r
	for i := range r.Out.Writes {
		t.write(&r.Out.Writes[i])
	}
	if id := r.Out.Restore.ID; id.Index != 0 {
		t.line("restores its state machine as of %s", id)
	}
	if n := len(r.Applied); n > 0 && !r.Inspected {
		t.line("applies %s..%s", r.Applied[0].ID, r.Applied[n-1].ID)
	}
	for i := range r.Released {
		m := &r.Released[i]
		t.put("    %s->%s ", m.From, m.To)
		t.message(m)
		t.end()
	}
	for _, a := range r.Out.Replies {
		t.line("answers %s: %s", OpText(a.Op), a.Outcome)
	}
}

func (t *recordText) write(w *raft.Write) {
	if t.d == nil {
		t.line("write %d: %d bytes", w.ID, len(w.Data))
		return
	}
	t.line("write %d: %s", w.ID, described(func() string { return t.d.DescribeWrite(w.Data) }))
}
