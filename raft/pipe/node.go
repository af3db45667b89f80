package pipe

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"raftcheck/raft"
	"raftcheck/raft/seal"
)

// node is a node that a process holds.
//
// A blocking write is a call that returns once the data are durable. Until then the process
// is asked nothing: inputs wait in their order. Everything that the node did after the
// write is shown when it is durable: entries applied, answers, its leadership, and its
// commit index. Its term, vote and log are shown at once, as the write that records them
// belongs to the step that changed them, and with the log a commit index at its base.
type node struct {
	system  *System
	child   *child // nil once it is gone
	id      raft.NodeID
	issued  raft.WriteID
	durable raft.WriteID
	blocked raft.WriteID   // the process waits for this write; 0 is for none
	async   []raft.WriteID // writes for which it does not wait, and which are not durable
	waiting [][]byte       // questions
	failed  bool           // its disk did

	quiet    uint64 // the ticks to come that change nothing
	owed     uint64 // the ticks that passed and the process was not told of
	verifies bool   // quiet ticks are asked all the same

	out   raft.Output
	after raft.Output // the effects that come after the write for which it waits
	now   raft.Status // as the process said last
	shown raft.Status
	base  raft.Index // log begins after it
	log   []raft.Entry
}

// inspected is a node whose process shows its state.
type inspected struct{ *node }

var (
	_ raft.Stopper   = (*node)(nil)
	_ raft.Inspector = (*inspected)(nil)
)

// Step hands an input to the process. It panics if the process died, and with a raft.Breach
// if its answer is none.
func (n *node) Step(in raft.Input) raft.Output {
	switch in := in.(type) {
	case *raft.PersistFailed:
		n.failed = true
	case *raft.Persisted:
		n.persisted(in)
	default:
		n.waiting = append(n.waiting, question(in, n.system.traits.raw))
	}
	if n.failed {
		return raft.Output{}
	}
	for len(n.waiting) > 0 && n.blocked == 0 {
		next := n.waiting[0]
		n.waiting = n.waiting[:copy(n.waiting, n.waiting[1:])]
		n.pass(next)
	}
	out := n.out
	n.out = raft.Output{}
	return out
}

// persisted notes that writes are durable. The process hears of it unless it waited for
// each of them.
func (n *node) persisted(in *raft.Persisted) {
	n.durable = in.ID
	if n.blocked > 0 && n.blocked <= n.durable {
		n.blocked = 0
		n.goOn()
	}
	known := len(n.async)
	n.async = slices.DeleteFunc(n.async, func(id raft.WriteID) bool { return id <= n.durable })
	if len(n.async) < known {
		n.waiting = append(n.waiting, question(in, false))
	}
}

// goOn shows the effects of a step that come after the write that is now durable.
func (n *node) goOn() {
	if n.after.Restore.ID.Index != 0 {
		n.out.Restore = n.after.Restore
	}
	n.out.Applied = append(n.out.Applied, n.after.Applied...)
	n.out.Replies = append(n.out.Replies, n.after.Replies...)
	n.after = raft.Output{}
	n.shown = n.now
}

// tick is the question of a tick.
var tick = question(&raft.Tick{}, false)

// pass asks the process, unless the input is a tick that changes nothing.
func (n *node) pass(question []byte) {
	if n.quiet > 0 && bytes.Equal(question, tick) {
		n.quiet--
		if n.verifies {
			n.verifyQuiet()
		} else {
			n.owed++
		}
		return
	}
	question, n.owed = withTicks(question, n.owed), 0
	a := n.ask(question)
	if a.error != "" {
		n.Stop()
		panic(raft.Breach("its program refuses what is no boot: " + a.error))
	}
	n.takeIn(a)
}

// verifiesIn: of so many boots, one is of a node that is asked about quiet ticks too. The seed
// decides it, so that a schedule means the same for ever.
const verifiesIn = 8

// verifyQuiet asks about a tick that the process called quiet. It panics with a raft.Breach if the
// tick changes something.
func (n *node) verifyQuiet() {
	was, log, left := n.now, slices.Clone(n.log), n.quiet
	a := n.ask(tick)
	does := a.does()
	n.takeIn(a)
	n.quiet = left
	switch {
	case does != "":
	case n.now != was:
		does = "changes its status"
	case !slices.EqualFunc(n.log, log, sameEntry):
		does = "changes its log"
	default:
		return
	}
	n.Stop()
	panic(raft.Breach("its program called a tick quiet, and " + does + " at it"))
}

func sameEntry(a, b raft.Entry) bool {
	return a.ID == b.ID && a.Kind == b.Kind && bytes.Equal(a.Data, b.Data)
}

// ask asks the process. It panics if there is no answer.
func (n *node) ask(question []byte) *answer {
	line, err := n.child.ask(question)
	if err != nil {
		n.gone(err)
	}
	a, err := parse(bytes.Clone(line), n.system.traits.raw)
	switch {
	case err != nil:
		n.child.kill()
		n.gone(raft.Breach("its program gave no answer of the protocol: " + err.Error()))
	case a.panic != "":
		n.Stop()
		panic(a.panic)
	}
	return a
}

// gone panics after the end of the process.
func (n *node) gone(err error) {
	n.system.lose(n.child)
	n.child = nil
	if breach := raft.Breach(""); errors.As(err, &breach) {
		panic(breach)
	}
	panic(err.Error())
}

// takeIn makes an answer part of the output of the step.
func (n *node) takeIn(a *answer) {
	for i := range a.writes {
		n.write(&a.writes[i])
	}
	for _, m := range a.sends {
		m.From = n.id
		n.out.Sends = append(n.out.Sends, m)
	}
	if at := a.restore.ID.Index; at != 0 && at <= n.shown.Applied { // it is due since the boot
		n.out.Restore, a.restore = a.restore, raft.Snapshot{}
	}
	n.after.Restore, n.after.Applied, n.after.Replies = a.restore, a.applied, a.replies
	n.quiet = a.quiet
	if a.status != nil {
		n.now = *a.status
	}
	n.keep(a)
	if n.blocked > 0 {
		n.show()
		return
	}
	n.goOn()
}

func (n *node) write(w *write) {
	n.issued++
	if w.blocking {
		n.blocked = n.issued
	} else {
		n.async = append(n.async, n.issued)
	}
	data := w.data
	if !n.system.traits.raw {
		data = seal.Append(nil, data)
	}
	n.out.Writes = append(n.out.Writes, raft.Write{ID: n.issued, Data: data, Checkpoint: w.checkpoint})
}

// keep changes the log that the node shows.
func (n *node) keep(a *answer) {
	switch base := n.now.Base.Index; {
	case base < n.base || base-n.base > raft.Index(len(n.log)):
		n.log, n.base = nil, base
	default:
		n.log, n.base = n.log[base-n.base:], base
	}
	if a.log {
		if end := n.base + raft.Index(len(n.log)); a.from <= n.base || a.from > end+1 {
			n.Stop()
			panic(raft.Breach(fmt.Sprintf(
				"its program shows its log from %d on, where it had shown that of %d to %d", a.from, n.base+1, end)))
		}
		n.log = append(n.log[:a.from-n.base-1], a.entries...)
	}
	n.now.Last = n.now.Base
	if len(n.log) > 0 {
		n.now.Last = n.log[len(n.log)-1].ID
	}
}

// show shows the part of its state that a node may show while it waits for a write.
func (n *node) show() {
	was := n.shown
	n.shown = n.now
	n.shown.Commit, n.shown.Applied = max(was.Commit, n.now.Base.Index), was.Applied
	if leads := n.now.Role == raft.Leader; leads && (was.Role != raft.Leader || was.Term != n.now.Term) {
		n.shown.Role, n.shown.Leader = raft.Candidate, raft.None
	}
	if n.now.ConfigApplied {
		n.shown.Config, n.shown.ConfigIndex = was.Config, was.ConfigIndex
	}
}

// Status returns the state that the process said last, as far as it may be seen.
func (n *inspected) Status() raft.Status { return n.shown }

// EntryAt returns an entry of the log that the process showed.
func (n *inspected) EntryAt(i raft.Index) (raft.Entry, bool) {
	if i <= n.base || i > n.base+raft.Index(len(n.log)) {
		return raft.Entry{}, false
	}
	return n.log[i-n.base-1], true
}

// Stop frees the process for another node.
func (n *node) Stop() {
	if n.child != nil {
		n.system.release(n.child)
		n.child = nil
	}
}
