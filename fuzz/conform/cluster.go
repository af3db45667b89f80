package conform

import (
	"fmt"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/service"
	"raftcheck/models/trace"
	"raftcheck/raft"
)

// rig is the worlds in which one rule is tried on a system.
type rig struct {
	system   raft.System
	services service.Set
	storing  service.Service // that clients use in rules; nil if no service will do
	worlds   []*faults.World
	watch    trial.Watch
}

// with is a rig of another system.
func (t *rig) with(system raft.System) *rig {
	return &rig{system: system, services: t.services, storing: t.storing, watch: t.watch}
}

// cluster is a world in which a rule carries out a few events.
type cluster struct {
	world    *faults.World
	monitor  *models.Monitor
	schedule *faults.Schedule
	storing  service.Service // see rig
	answers  []raft.Outcome  // to the operator, in the order of the requests
	promised bool            // a message with a promise left a node
	probed   bool            // a node asked for pre-votes
	restored int             // the number of outputs with a Restore
	watch    trial.Watch
}

// cluster boots nodes 1 to nodes; those up to voters are the voters, or all if it is 0.
// There are more nodes if a system does not allow so few.
func (t *rig) cluster(nodes, voters int, preVote bool) *cluster {
	nodes = max(nodes, t.limits().Least)
	checkers := append(models.Brought(t.system),
		new(models.NoPanic), new(models.Contract), new(models.Durability), new(models.StateMachineSafety))
	c := &cluster{monitor: models.NewMonitor(checkers...), watch: t.watch}
	c.world = faults.NewWorld(&c.monitor.View, c.monitor, c)
	c.world.Calling(t.watch.Calls)
	t.worlds = append(t.worlds, c.world)
	c.schedule = &faults.Schedule{
		System: t.system.Name(), Nodes: nodes, Voters: voters, PreVote: preVote, Rand: 1,
	}
	c.schedule.Use(t.services, "")
	if t.storing != nil {
		c.schedule.Use(t.services, t.storing.Name())
	}
	c.storing = t.storing
	if t.watch.Begins != nil {
		t.watch.Begins(c.schedule)
	}
	c.monitor.Reset(raft.FirstNodes(nodes), c.schedule.First())
	c.world.Reset(t.system, c.schedule)
	return c
}

// limits are the limits of the system.
func (t *rig) limits() raft.Limits { return raft.LimitsOf(t.system) }

// end finishes the worlds, which stops the nodes that implement raft.Stopper.
func (t *rig) end() {
	for _, w := range t.worlds {
		w.Finish()
	}
}

// Observe keeps the answers, promises, restores and pre-votes, which the view does not show.
func (c *cluster) Observe(r *trace.Record) {
	if r.Kind == trace.Answered {
		c.answers = append(c.answers, r.Outcome)
	}
	if r.Kind == trace.Stepped && r.Out.Restore.ID.Index != 0 {
		c.restored++
	}
	c.probed = c.probed || r.Shows() && c.node(r.Node).Status.Role == raft.PreCandidate
	for i := range r.Released {
		c.promised = c.promised || r.Released[i].Promise != raft.Promise{}
	}
}

// do carries out an event, written as in a schedule.
func (c *cluster) do(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	e, err := faults.ParseEvent(line, c.schedule.Nodes, c.world.Service())
	if err != nil {
		panic(err)
	}
	c.schedule.Events = append(c.schedule.Events, e)
	if c.watch.Before != nil {
		c.watch.Before(e)
	}
	c.world.Apply(e)
}

// broken returns the first violation so far, such as a panic or a breach of the contract,
// with the events that led to it. It returns nil if there is none.
func (c *cluster) broken() error {
	for _, v := range c.monitor.Finish() {
		if v.Outcome == models.Violated {
			return c.failure("%s", v.Text)
		}
	}
	return nil
}

// failure returns the error of a rule, with the events that led to it.
func (c *cluster) failure(format string, args ...any) error {
	return fmt.Errorf(format+"\nafter these events:\n%s", append(args, c.schedule)...)
}

// fails returns an earlier violation, which explains more, or else the error of the rule.
func (c *cluster) fails(format string, args ...any) error {
	if err := c.broken(); err != nil {
		return err
	}
	return c.failure(format, args...)
}

// node returns the view of a node.
func (c *cluster) node(id raft.NodeID) *trace.NodeView { return &c.world.View().Nodes[id] }

// inspected reports whether the nodes are raft.Inspectors.
func (c *cluster) inspected() bool { return c.node(1).Inspected }

// leader returns the leader of the latest term, or None.
func (c *cluster) leader() (leader raft.NodeID) {
	for id := range c.world.Up().All() {
		n := c.node(id)
		if n.Status.Role == raft.Leader && (leader == raft.None || n.Status.Term > c.node(leader).Status.Term) {
			leader = id
		}
	}
	return leader
}

// tries is the number of attempts of each operation. A node may lose an election because
// its log is behind, or stop leading before it gets a request.
const tries = 10

// elect fires the election timer of a node until it leads. If nodes ask for pre-votes,
// another node may lead: then it refuses, and so do its followers.
func (c *cluster) elect(id raft.NodeID) error {
	for range tries {
		c.do("timeout %d", id)
		c.do("settle")
		if c.leads(id) || !c.inspected() {
			return c.broken()
		}
		c.do("run k=%d", 10)
	}
	return c.fails("%s got %d timeouts of its election timer, and everything was delivered and persisted: "+
		"it does not lead", id, tries)
}

// leads reports whether a node leads, or one that may refuse it a pre-vote.
func (c *cluster) leads(id raft.NodeID) bool {
	refuses := c.probed && c.leader() != raft.None
	return c.node(id).Status.Role == raft.Leader || refuses
}

// put writes a value as client 1, retries at the current leader, and waits for the answer.
func (c *cluster) put(value int) error {
	if c.storing == nil {
		return errNotStoring
	}
	if c.world.View().Full() {
		return errFull
	}
	c.call(value)
	for range tries {
		c.do("settle")
		if !c.world.Open(1) {
			return c.broken()
		}
		c.do("run k=20")
		c.do("retry c1 %d", max(c.leader(), 1))
	}
	return c.fails("the leader %s was asked %d times to append an entry, and everything was delivered and "+
		"persisted: it never answered Done", c.leader(), tries)
}

// call makes client 1 call a write of a value.
func (c *cluster) call(value int) {
	c.do("call c1 %d %s", max(c.leader(), 1), write(c.storing, value))
}

// errNotStoring is the result of rules that rest on a service of the program's clients.
var errNotStoring = notOffered{
	"no service of the program answers a read with the value that was written last",
}

// errFull is the result of rules that need more commands than the log can have.
var errFull = itStates{notOffered{"it states that its log has no room for further commands"}}

// sees reads through the log as client 1, and returns an error unless it reads the value.
func (c *cluster) sees(value int) error {
	if c.world.View().Full() {
		return errFull
	}
	c.do("call c1 %d %s", max(c.leader(), 1), read(c.storing))
	for range tries {
		c.do("settle")
		if !c.world.Open(1) {
			return c.saw(value)
		}
		c.do("run k=20")
		c.do("retry c1 %d", max(c.leader(), 1))
	}
	return c.fails("a read through the log was never answered")
}

// saw returns an error unless the last answer to a client is the value.
func (c *cluster) saw(value int) error {
	history := c.world.History()
	if last := history[len(history)-1]; last.Output != answer(c.storing, value) {
		return c.fails("client %d wrote %d, was answered Done, and then read %q", last.Client, value, last.Output)
	}
	return c.broken()
}

// catchUp passes time until every node that is up has applied the leader's whole log.
func (c *cluster) catchUp() error {
	for range tries {
		c.do("run k=20")
		c.do("settle")
		behind := raft.NodeSet(0)
		for id := range c.world.Up().All() {
			if l := c.leader(); l == raft.None || c.node(id).Status.Applied < c.node(l).Status.Last.Index {
				behind = behind.With(id)
			}
		}
		if behind == 0 {
			return c.broken()
		}
	}
	return c.fails("after %d ticks and deliveries the nodes have not applied the log of the leader, %s, "+
		"which ends at index %d: their applied indexes are %v",
		20*tries, c.leader(), c.node(c.leader()).Status.Last.Index, c.applied())
}

// applied lists the applied index of each node.
func (c *cluster) applied() (list []raft.Index) {
	for id := range c.world.All().All() {
		list = append(list, c.node(id).Status.Applied)
	}
	return list
}

// configured returns an error unless the leader acts by a configuration.
func (c *cluster) configured(want raft.Configuration) error {
	if got := c.node(c.leader()).Status.Config; got != want {
		return c.fails("the configuration %v is committed, as the answer says, and %s shows %v",
			want, c.leader(), got)
	}
	return c.broken()
}

// ask sends a request of the operator until the answer is Done, and reports whether it was.
func (c *cluster) ask(format string, args ...any) (done bool) {
	for range tries {
		before := len(c.answers)
		c.do(format, args...)
		c.do("settle")
		c.do("run k=20")
		c.do("settle")
		if n := len(c.answers); n > before && c.answers[n-1] == raft.Done {
			return true
		}
	}
	return false
}
