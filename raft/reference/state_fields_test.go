package reference

import (
	"bytes"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"raftcheck/raft"
)

// fullNode is a node all of whose fields hold something that counts; no node is like it.
func fullNode(t *testing.T) *Node {
	n := preVoteLeaderOf(t, 3, diskWithConfigurations(1, threeAndOne, joint)...)
	n.Step(&raft.Propose{Op: client(1)})
	n.snapshot = snapshot{at(1, 1), configured{1, threeAndOne}, []byte("state")}
	n.incoming = incoming{at(9, 9), []byte("part")}
	n.asked = asked{7, []question{{7, client(2), 3}}}
	n.disk.hardWrite = n.disk.durable + 1
	for id := range n.lead.peers {
		n.lead.peers[id] = progress{state: replicating, next: 5, of: at(1, 1)}
		n.lead.peers[id].flight.launch(4, 3)
	}
	n.lead.changing, n.lead.change = true, operator(1)
	n.lead.reads = []read{{2, client(3), 8, 9, 10}}
	n.lead.transfer = transfer{2, operator(2), 1, true, true}
	n.votes = raft.NodeSetOf(1)
	return n
}

// derived lists the fields that decide nothing: scratch, and values that follow
// from others.
var derived = map[string]bool{".in": true, ".out": true, ".log.slots": true, ".lead.peers.flight.bytes": true}

// sameLength are the lists by NodeID, all of one length.
var sameLength = map[string]bool{".lead.match": true, ".lead.acked": true, ".lead.peers": true}

// passing lists the fields that decide nothing while election timers fire by
// Timeout alone. The canonical encoding leaves them out.
var passing = map[string]bool{".timer.timeout": true, ".timer.rand": true,
	".disk.records": true, ".asked.ctx": true}

// sharedList is never changed once it is there, so that clones may share it.
const sharedList = ".snapshot.state"

// Every field is in the encoding, and a clone has one of its own. The walk finds
// fields that are yet to come.
func TestState_everyFieldIsEncodedAndCloned(t *testing.T) {
	n := fullNode(t)
	before, canonical := n.AppendState(nil), n.AppendCanonical(nil, asTheyAre)
	for which := 0; ; which++ {
		c := n.Clone().(*Node)
		path := change(c, which)
		if path == "" {
			require.Greater(t, which, 90)
			return
		}
		require.False(t, bytes.Equal(before, c.AppendState(nil)), "%s is not in the encoding", path)
		require.Equal(t, passing[path], bytes.Equal(canonical, c.AppendCanonical(nil, asTheyAre)), path)
		require.True(t, bytes.Equal(before, n.AppendState(nil)), "%s is the clone's and the original's", path)
	}
}

// change changes one of the things that can change in a node, counted from 0, and
// says which; "" if there are not so many.
func change(n *Node, which int) (changed string) {
	leaf := func(path string, change func()) {
		if which == 0 {
			change()
			changed = path
		}
		which--
	}
	var step func(v reflect.Value, path string)
	step = func(v reflect.Value, path string) {
		if derived[path] {
			return
		}
		v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				step(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		case reflect.Slice:
			if !sameLength[path] {
				leaf(path+" shortened", func() { v.SetLen(v.Len() - 1) })
			}
			for i := 0; i < v.Len() && path != sharedList; i++ {
				step(v.Index(i), path)
			}
		case reflect.Array: // of which the first is in use
			step(v.Index(0), path)
		case reflect.Bool:
			leaf(path, func() { v.SetBool(!v.Bool()) })
		case reflect.Int:
			leaf(path, func() { v.SetInt(v.Int() + 1) })
		default:
			leaf(path, func() { v.SetUint(v.Uint() + 1) })
		}
	}
	step(reflect.ValueOf(n).Elem(), "")
	return changed
}

// Two nodes that differ by the number of writes and the draws of their timers
// behave alike while time stands still, and have one canonical encoding.
func TestAppendCanonical_leavesOutWhatIsPast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, err := bootWith(raft.NodeConfig{ID: 1, Voters: raft.FirstNodes(3)}, 7)
		require.NoError(t, err)
		b, err := bootWith(raft.NodeConfig{ID: 1, Voters: raft.FirstNodes(3)}, 8)
		require.NoError(t, err)
		b.disk.records += 5
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			in := drawInput(t, a)
			switch in.(type) {
			case *raft.Tick, *raft.Read:
				continue // timers differ, and so do the contexts of reads
			}
			outA, outB := a.Step(in), b.Step(in)
			require.Equal(t, outA.Sends, outB.Sends)
			require.Equal(t, a.AppendCanonical(nil, asTheyAre), b.AppendCanonical(nil, asTheyAre))
		}
	})
}

// A node by another name is the node that had that name from the start.
func TestAppendCanonical_byOtherNames(t *testing.T) {
	as := raft.NewRenaming(2, 3, 1)
	rapid.Check(t, func(t *rapid.T) {
		a, err := bootWith(raft.NodeConfig{ID: 1, Voters: raft.FirstNodes(3)}, 7)
		require.NoError(t, err)
		b, err := bootWith(raft.NodeConfig{ID: 2, Voters: raft.FirstNodes(3)}, 7)
		require.NoError(t, err)
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			in := drawInput(t, a)
			renamed := in
			switch in := in.(type) {
			case *raft.Tick, *raft.Read:
				continue
			case *raft.Reconfigure:
				renamed = &raft.Reconfigure{Op: in.Op, Voters: as.Set(in.Voters), Learners: as.Set(in.Learners)}
			case *raft.Transfer:
				renamed = &raft.Transfer{Op: in.Op, To: as.Name(in.To)}
			case *raft.Receive:
				renamed = &raft.Receive{Msg: raft.Message{From: as.Name(in.Msg.From), To: 2,
					Payload: System{}.AppendPayload(nil, &in.Msg, as)}}
			}
			a.Step(in)
			b.Step(renamed)
			require.Equal(t, b.AppendCanonical(nil, asTheyAre), a.AppendCanonical(nil, as))
		}
	})
}
