package kv

import (
	"strconv"
	"strings"

	"raftcheck/models/service"
	"raftcheck/models/trace"
)

var (
	_ service.Drawing     = Service{}
	_ service.Simplifying = Service{}
	_ service.Purposeful  = Service{}
)

// Examples are a write of the unique value, and a read.
func (Service) Examples(unique string) []service.Op {
	return []service.Op{Op{Kind: Put, Name: "x", Value: unique}, Op{Kind: Get, Name: "x"}}
}

// Draw draws an operation on one of two keys.
func (Service) Draw(c *service.Caller) string {
	keys := "xy"
	if c.OneKey {
		keys = "x"
	}
	key := string(keys[c.Source.Below(len(keys))])
	if c.Reads {
		return "get " + key
	}
	switch c.Source.Below(8) {
	case 0, 1, 2:
		return "put " + key + " " + value(c)
	case 3:
		return "append " + key + " " + value(c)
	case 4:
		return "cas " + key + " " + strconv.Itoa(max(c.Numbers-c.Source.Below(4), 0)) + " " + value(c)
	case 5:
		if c.Source.Below(4) == 0 {
			return "delete " + key
		}
	}
	return "get " + key
}

// value is a value that was not written before, and one in eight is long.
func value(c *service.Caller) string {
	c.Numbers++
	v := strconv.Itoa(c.Numbers)
	if c.Source.Below(8) == 0 {
		v += strings.Repeat("-", 48)
	}
	return v
}

// Simpler is a put in the place of any other write.
func (Service) Simpler(op service.Op) []service.Op {
	if kind := op.(Op).Kind; kind == Get || kind == Put {
		return nil
	}
	return []service.Op{Op{Kind: Put, Name: "x", Value: "1"}}
}

// Goals has the one goal of the store.
func (Service) Goals() []service.Goal {
	return []service.Goal{{Name: "cas-succeeded", About: "a compare-and-swap found the value it expected"}}
}

// NewWatch watches for the goal.
func (Service) NewWatch() service.Watch { return &watch{} }

// watch has a bit for each client whose latest call is a compare-and-swap.
type watch struct{ cas uint32 }

// Reset forgets the run.
func (w *watch) Reset() { w.cas = 0 }

// Observe looks at calls and their answers.
func (w *watch) Observe(r *trace.Record) uint64 {
	switch r.Kind {
	case trace.Called:
		w.cas &^= 1 << r.Op.Client
		if strings.HasPrefix(r.Text, "cas ") {
			w.cas |= 1 << r.Op.Client
		}
	case trace.Returned:
		if w.cas>>r.Op.Client&1 != 0 && r.Text == "ok" {
			return 1
		}
	}
	return 0
}
