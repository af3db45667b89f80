package live

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"raftcheck/fuzz/page"
	"raftcheck/linearizability"
	"raftcheck/linearizability/model"
	"raftcheck/models"
)

// Properties are those that runs are judged by, with the rule of each. Everything else
// that raftcheck knows needs a look inside a node, and is not checked.
var Properties = []models.Property{
	{Name: "Linearizability", Rule: "There is an order of the operations, respecting real time, in which one " +
		"copy of the data could have given these answers.", Source: "Herlihy and Wing: Linearizability, 1990"},
	{Name: "Durability", Rule: "Every write that was acknowledged is there in the end.",
		Source: "Raft paper, section 5.4"},
	{Name: "Agreement", Rule: "In the end every node has the same revision and the same contents.",
		Source: "Raft paper, section 5.3: State Machine Safety"},
	{Name: "Leases", Rule: "No leadership is lost before its time while its holder keeps it.",
		Source: "Gray and Cheriton: Leases, 1989"},
	{Name: "Fencing", Rule: "The database takes no write under an older leadership after one under a newer.",
		Source: "Kleppmann: How to do distributed locking, 2016"},
	{Name: "Liveness", Rule: "After the last fault the cluster works within the bound of heal.",
		Source: "Raft thesis, section 3.9"},
	{Name: "Contract", Rule: "Nodes whose network is the harness keep to its protocol.",
		Source: "Maelstrom, doc/protocol.md"},
	{Name: "NoPanic", Rule: "No server's process ends by itself.", Source: "Raft paper, section 5.1"},
}

// judgement is the verdicts on a run.
type judgement struct {
	verdicts []page.LiveVerdict
	history  linearizability.History
	calls    []operation
	end      time.Duration // when it was judged
}

// endTime bounds the wait for a cluster that works, after the last event.
const endTime = 60 * time.Second

// judge ends every fault, reads what there is, and judges the run.
func (w *world) judge(ctx context.Context) *judgement {
	w.clients.quiet(ctx)
	w.say("the schedule is over: every fault ends, and clients read every key")
	w.endFaults(ctx)
	lame := w.works(ctx, w.patience())
	var states []State
	if lame == nil {
		w.readAll(ctx)
		states, lame = w.equalStates(ctx)
	}
	w.clients.mu.Lock()
	calls := slices.Clone(w.clients.history)
	w.clients.mu.Unlock()
	j := &judgement{calls: calls, history: inOrder(calls), end: time.Since(w.begun)}
	j.add("Linearizability", w.linearizable(j.history))
	j.add("Durability", durable(calls, states, lame))
	j.add("Agreement", agree(states, lame))
	j.add("Leases", w.leases(calls))
	j.add("Fencing", w.clients.workers.judge())
	j.add("Liveness", w.lively())
	j.add("Contract", w.kept())
	j.add("NoPanic", w.alive())
	return j
}

// patience is the time for a cluster to work in the end. One that did not work within the
// bound of the last heal has had its time.
func (w *world) patience() time.Duration {
	if n := len(w.healed); n > 0 && w.healed[n-1] != nil {
		return time.Second
	}
	return endTime
}

// opinion is an outcome and its reason.
type opinion struct {
	models.Outcome
	text string
	at   time.Duration // when a violation happened; 0 if only the end shows it
}

var held = opinion{Outcome: models.Held}

func violated(format string, args ...any) opinion {
	return opinion{models.Violated, fmt.Sprintf(format, args...), 0}
}

func notChecked(format string, args ...any) opinion {
	return opinion{models.NotChecked, fmt.Sprintf(format, args...), 0}
}

// add adds a verdict. A property that the run did not ask for has none.
func (j *judgement) add(property string, o *opinion) {
	if o == nil {
		return
	}
	i := slices.IndexFunc(Properties, func(p models.Property) bool { return p.Name == property })
	j.verdicts = append(j.verdicts, page.LiveVerdict{
		Verdict:  models.Verdict{Property: property, Outcome: o.Outcome, Text: o.text},
		Property: Properties[i], At: cmp.Or(o.at, j.end),
	})
}

// readAll reads every key at every node.
func (w *world) readAll(ctx context.Context) {
	reader := w.clients.list[1]
	if !reader.take(nil) {
		return
	}
	defer reader.release()
	for _, key := range w.clients.keys() {
		for _, example := range w.service().Examples("x") {
			if !example.ReadOnly() {
				continue
			}
			word, _, _ := strings.Cut(example.String(), " ")
			op, err := w.service().ParseOp(word + " " + key)
			if err != nil {
				continue
			}
			for _, n := range w.nodes[1:] {
				if !n.wiped {
					reader.do(ctx, n.ID, op, false)
				}
			}
		}
	}
}

// keys are those of the operations so far.
func (c *clients) keys() (keys []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.history {
		if key := c.history[i].Key; !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// linearizable judges the history, if the service has a specification for real servers:
// that of an election rests on the times of Raft's own log.
func (w *world) linearizable(h linearizability.History) *opinion {
	if len(h) == 0 || w.clients.workers.outside != nil {
		return nil
	}
	spec := w.service().Spec()
	o := held
	switch result := linearizability.Check(spec, h); result.Outcome {
	case linearizability.NotLinearizable:
		o = violated("%s", model.Reason(spec, result, h))
	case linearizability.NotChecked:
		o = notChecked("%s", result.Reason)
	}
	return &o
}

// settleTime bounds the wait for nodes with equal states.
const settleTime = 15 * time.Second

// equalStates asks every node for its state until all are equal. The error says that a
// node did not answer.
func (w *world) equalStates(ctx context.Context) (states []State, err error) {
	ctx, stop := context.WithTimeout(ctx, settleTime)
	defer stop()
	for {
		states, err = w.states(ctx)
		if err == nil && len(slices.Compact(slices.Clone(states))) <= 1 {
			return states, nil
		}
		select {
		case <-ctx.Done():
			return states, err
		case <-time.After(watchEvery):
		}
	}
}

func (w *world) states(ctx context.Context) (states []State, err error) {
	for _, n := range w.nodes[1:] {
		if n.wiped {
			continue
		}
		s, err := w.server.State(ctx, n.Node)
		if err != nil {
			return states, fmt.Errorf("n%d: %w", n.ID, err)
		}
		states = append(states, s)
	}
	return states, nil
}

// agree judges that all nodes have the same state, if the server says what it is.
func agree(states []State, lame error) *opinion {
	o := held
	switch {
	case len(states) > 0 && !slices.ContainsFunc(states, func(s State) bool { return s != State{} }):
		return nil
	case lame != nil:
		o = notChecked("the cluster does not work in the end: %v", lame)
	case len(slices.Compact(slices.Clone(states))) > 1:
		o = violated("%v after the last event, nodes have the states %+v", settleTime, states)
	}
	return &o
}

// durable judges that the nodes have every revision that was acknowledged, and that none
// was given to two writes: the first one was lost then. That the nodes have the contents
// is judged by the reads at the end, with the history.
func durable(calls []operation, states []State, lame error) *opinion {
	var last *operation
	for i := range calls {
		if c := &calls[i]; c.wrote && (last == nil || c.revision > last.revision) {
			last = c
		}
	}
	if last == nil {
		return nil
	}
	o := held
	if lame != nil {
		o = notChecked("the cluster does not work in the end: %v", lame)
	}
	if a, b := sharedRevision(calls); a != nil {
		o = violated("%s and %s were acknowledged at the same revision %d: one of them was lost",
			a.Operation, b.Operation, a.revision)
	}
	for _, s := range states {
		if s.Revision > 0 && s.Revision < last.revision {
			o = violated("%s was acknowledged at revision %d, and in the end a node is at revision %d",
				last.Operation, last.revision, s.Revision)
		}
	}
	return &o
}

// sharedRevision returns two writes that made the same revision, if there are any.
func sharedRevision(calls []operation) (a, b *operation) {
	made := map[int64]*operation{}
	for i := range calls {
		c := &calls[i]
		if !c.wrote {
			continue
		}
		if made[c.revision] != nil {
			return made[c.revision], c
		}
		made[c.revision] = c
	}
	return nil, nil
}

// lively judges the waits after each heal.
func (w *world) lively() *opinion {
	if len(w.healed) == 0 {
		return nil
	}
	o := held
	for _, err := range w.healed {
		if err != nil {
			o = violated("%v", err)
			o.at = w.unhealed
			break
		}
	}
	return &o
}

// kept judges that nodes keep to the protocol of the network, if that is the harness.
func (w *world) kept() *opinion {
	if w.wiring == nil {
		return nil
	}
	o := held
	if breach := w.wiring.Breach(); breach != "" {
		o = violated("%s", breach)
	}
	return &o
}

// alive judges that every process ran until an event ended it.
func (w *world) alive() *opinion {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := held
	if len(w.deaths) > 0 {
		o = violated("%s", w.deaths[0].Text)
		o.at = w.deaths[0].At
	}
	return &o
}

// judge judges the writes that reached the database.
func (k *workers) judge() *opinion {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.landed == 0 {
		return nil
	}
	o := held
	if k.broken != "" {
		o = violated("%s", k.broken)
		o.at = k.brokenAt
	}
	return &o
}
