package explore

import (
	"errors"
	"fmt"

	"raftcheck/faults"
	"raftcheck/fuzz/trial"
)

// Bounds limit an exploration. States beyond them are not explored, and no verdict
// covers them.
type Bounds struct {
	Terms       int // that may begin
	Calls       int // of clients, each by another client, at any node
	Crashes     int // of nodes, with any of the pending writes surviving
	Drops       int // of messages
	Duplicates  int // of messages
	Changes     int // of the configuration, one node at a time
	Transfers   int // of the leadership
	Compactions int // of logs
	Ticks       int // of leaders' clocks
	Reads       int // of clients without the log, each by another client, at any node
	Retries     int // of calls that did not return, at any node
	LeaseReads  int // that a leader may answer by its lease, each by another client, at any node
	Time        int // ticks of every clock; with any, election timers fire by them alone
	Ahead       int // ticks by which a clock may be ahead of the slowest
	Messages    int // in flight at once, without those that their receivers ignore for good
	Writes      int // of one node that may be pending at once; if none may, all are durable at once
	Depth       int // events; 0 does not bound them
	Heal        int // ticks in which a healed cluster works (Liveness); 0 heals none
}

// expense is a kind of event that has a budget; each such event spends one of it.
type expense uint8

const (
	calls expense = iota
	crashes
	drops
	duplicates
	changes
	transfers
	compactions
	ticks
	reads
	retries
	leaseReads
	expenses
	free // costs nothing
)

// maxExpense bounds each budget.
const maxExpense = 15

// spent is the amount of each budget that led to a state, in four bits each.
type spent uint64

func (s spent) of(e expense) int { return int(s>>(4*e)) & maxExpense }

func (s spent) and(e expense) spent {
	if e == free {
		return s
	}
	return s + 1<<(4*e)
}

// budgets returns the bounds that events spend, by expense.
func (b *Bounds) budgets() [expenses]int {
	return [expenses]int{
		calls: b.Calls, crashes: b.Crashes, drops: b.Drops, duplicates: b.Duplicates,
		changes: b.Changes, transfers: b.Transfers, compactions: b.Compactions, ticks: b.Ticks,
		reads: b.Reads, retries: b.Retries, leaseReads: b.LeaseReads,
	}
}

// BoundNames lists the names of the bounds in certificates and on command lines, in
// their order, and their meanings.
var BoundNames = [...]struct{ Name, About string }{
	{"terms", "terms that may begin"},
	{"calls", "operations that clients call, each by another client"},
	{"crashes", "crashes of nodes"},
	{"drops", "messages lost"},
	{"duplicates", "messages doubled"},
	{"changes", "changes of the configuration, one node at a time"},
	{"transfers", "transfers of the leadership"},
	{"compactions", "compactions of logs"},
	{"ticks", "ticks of leaders' clocks"},
	{"reads", "reads by clients without the log; Linearizability is then judged"},
	{"retries", "calls repeated by clients that wait; Linearizability is then judged"},
	{"leasereads", "reads by clients that a lease may answer; judges Linearizability"},
	{"time", "ticks of every clock; election timers then fire by them alone"},
	{"ahead", "ticks by which a clock is ahead of the slowest"},
	{"messages", "messages in flight at once"},
	{"writes", "pending writes of a node; 0 makes them durable at once"},
	{"depth", "events; 0 does not bound them"},
	{"heal", "ticks in which a cluster healed at rest works; 0 heals none"},
}

// At returns a pointer to the bound with the name BoundNames[i].
func (b *Bounds) At(i int) *int {
	return [len(BoundNames)]*int{
		&b.Terms, &b.Calls, &b.Crashes, &b.Drops, &b.Duplicates, &b.Changes,
		&b.Transfers, &b.Compactions, &b.Ticks, &b.Reads, &b.Retries,
		&b.LeaseReads, &b.Time, &b.Ahead, &b.Messages, &b.Writes, &b.Depth, &b.Heal,
	}[i]
}

// lack names the bounds that are 0, so that nothing asks for a property; "" if there is none.
func (b *Bounds) lack(property string) string {
	switch {
	case property == trial.Linearizability.Name && b.Reads+b.Retries+b.LeaseReads == 0:
		return "reads, leasereads or retries"
	case property == leases && b.LeaseReads == 0:
		return "leasereads"
	case property == liveness && b.Heal == 0:
		return "heal"
	}
	return ""
}

// validate returns an error for a bound out of range.
func (b *Bounds) validate() error {
	for i := range BoundNames {
		v, most := *b.At(i), faults.MaxK
		if 0 < i && i <= len(b.budgets()) { // terms come first, and the events that have budgets next
			most = maxExpense
		}
		if v < 0 || v > most {
			return fmt.Errorf("expected %s from 0 to %d, found %d", BoundNames[i].Name, most, v)
		}
	}
	switch {
	case b.Retries > 0 && b.Ticks+b.Time > 0:
		return errors.New("expected no ticks or time with retries: a repeated call has the time of the first")
	case b.Ticks > 0 && b.Time > 0:
		return errors.New("expected no ticks of leaders alone together with time, which every clock has")
	case b.Time > 0 && b.Ahead == 0:
		return errors.New("expected ahead of 1 at least together with time, found 0: no clock would tick first")
	}
	if b.Messages == 0 {
		return errors.New("expected messages of 1 at least, found 0: nothing would ever be sent")
	}
	return nil
}
