package explore

import (
	"cmp"
	"context"
	"fmt"
	"runtime/metrics"
	"sync"

	"raftcheck/faults"
	"raftcheck/fuzz"
)

// The states of a level are explored in rounds. First workers expand segments of the
// level in parallel; then they add the successors to the shards in parallel. The result
// does not depend on which worker does which part.
const (
	segmentStates = 512
	roundSegments = 16
)

// segment is a run of states to expand, and their successors.
type segment struct {
	states    []uint32
	count     int
	follow    []uint32 // the successors, as numbers
	kids      [shards][]kid
	generated int
	beyond    int
	healed    int // states whose cluster was healed
	sightings []found
}

// kid is a successor, perhaps visited already.
type kid struct {
	print  fingerprint
	parent ref
	at     int // in the segment's follow
}

// found is a violation of a property by an option.
type found struct {
	property string
	at       ref
	option   int
}

// exploreLevel expands the states of a level. It returns the reason if it ended early.
func (x *explorer) exploreLevel(ctx context.Context) (stopped string) {
	segments := make([]segment, roundSegments)
	cursor := levelCursor{explorer: x, shard: -1}
	for {
		n := 0
		for n < len(segments) && cursor.next(&segments[n]) {
			n++
		}
		if n == 0 {
			if x.kept != nil {
				x.kept.siftAll()
				x.count(nil)
			}
			return ""
		}
		x.each(n, func(w *worker, i int) { w.expand(&segments[i]) })
		x.each(shards, func(_ *worker, i int) { x.merge(i, segments[:n]) })
		x.count(segments[:n])
		if ctx.Err() != nil {
			return "interrupted"
		}
		if stopped := x.makeRoom(); stopped != "" {
			return stopped
		}
	}
}

// makeRoom moves states to disk once memory ends. It returns the reason if that is no help.
func (x *explorer) makeRoom() (stopped string) {
	full := x.report.Bytes > x.Memory || liveBytes() > uint64(x.Memory)
	if x.kept != nil && (full || x.report.Bytes > cmp.Or(x.resident, x.Memory/2)) {
		x.kept.spill()
		x.count(nil)
		full = liveBytes() > uint64(x.Memory-x.Memory/4) // the rest is worth no further file
	}
	if full {
		return fmt.Sprintf("out of memory: more than %d bytes", x.Memory)
	}
	for i := range x.visited {
		if x.visited[i].count > maxPlaces-roundSegments*segmentStates {
			return fmt.Sprintf("out of numbers: a shard has %d states", x.visited[i].count)
		}
	}
	return ""
}

// liveBytes returns the bytes in use at the end of the last garbage collection.
func liveBytes() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// gone is the panic of an exploration whose system ended the goroutine of a worker.
type gone struct{}

// each calls do n times, on the workers in parallel, and panics if a call panicked.
func (x *explorer) each(n int, do func(*worker, int)) {
	var group sync.WaitGroup
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	panics := make(chan any, len(x.workers))
	for _, w := range x.workers {
		group.Go(func() {
			ended := false
			defer func() {
				switch p := recover().(type) {
				case nil:
					if !ended {
						panics <- gone{}
					}
				case faults.BrokenCloner, Outage:
					panics <- p
				default:
					panics <- fuzz.BugIn("a worker", p) // with this worker's stack
				}
			}()
			for i := range next {
				do(w, i)
			}
			ended = true
		})
	}
	group.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
}

// levelCursor divides the states of a level into segments.
type levelCursor struct {
	*explorer
	shard  int // -1 before the first one
	states []uint32
}

// next fills seg with the next states of a shard, and reports whether there were any.
func (c *levelCursor) next(seg *segment) bool {
	for len(c.states) == 0 && c.shard < shards-1 {
		c.shard++
		c.states = c.statesOf(c.shard)
	}
	at := 0
	for seg.count = 0; seg.count < segmentStates && at < len(c.states); seg.count++ {
		at += header + c.nodes + int(c.states[at])
	}
	seg.states, c.states = c.states[:at], c.states[at:]
	return at > 0
}

// statesOf returns the states of a shard of the level that is explored.
func (x *explorer) statesOf(number int) []uint32 {
	if x.kept != nil {
		return x.kept.states(number)
	}
	return x.level[number]
}

// expand takes every option of every state of a segment.
func (w *worker) expand(seg *segment) {
	seg.follow, seg.sightings, seg.generated, seg.beyond, seg.healed = seg.follow[:0], seg.sightings[:0], 0, 0, 0
	w.kids = w.kids[:0]
	var s state
	for rest := seg.states; len(rest) > 0; {
		rest = s.take(rest, w.nodes)
		if w.rests(&s) {
			w.judgeHealed(&s, seg)
		}
		options := w.options(&s)
		for i := range options {
			switch result, _ := w.take(&s, &options[i]); result {
			case nothing:
			case beyond:
				seg.beyond++
			case broken:
				seg.generated++
				for _, v := range w.complaints {
					seg.sightings = append(seg.sightings, found{v.Property, s.ref, i})
				}
			case followed:
				seg.generated++
				w.kids = append(w.kids, kid{w.print(&w.next), s.ref, len(seg.follow)})
				seg.follow = w.next.append(seg.follow)
			}
		}
	}
	w.distribute(seg)
}

// distribute assigns the successors that were not visited before this round to their
// shards. It looks all of them up in one loop: each lookup waits for memory, and so
// these waits overlap.
func (w *worker) distribute(seg *segment) {
	for i := range seg.kids {
		seg.kids[i] = seg.kids[i][:0]
	}
	for i := range w.kids {
		k := &w.kids[i]
		if shard := shardOf(k.print); !w.visited[shard].has(k.print) {
			seg.kids[shard] = append(seg.kids[shard], *k)
		}
	}
}

// merge adds the successors in the segments to one shard, in the order of the segments.
func (x *explorer) merge(number int, segments []segment) {
	to, states := &x.visited[number], &x.deeper[number]
	if to.base > 0 { // perhaps they are on disk
		to, states = &x.fresh[number].shard, &x.fresh[number].states
	}
	for i := range segments {
		for _, k := range segments[i].kids[number] {
			follow := segments[i].follow[k.at:]
			*states = to.addTo(*states, k.print, k.parent, follow[:header+x.nodes+int(follow[0])])
		}
	}
}
