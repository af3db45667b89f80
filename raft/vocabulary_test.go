package raft

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestNodeSet_isASet compares NodeSet with a sorted list.
func TestNodeSet_isASet(t *testing.T) {
	id := rapid.Map(rapid.IntRange(1, int(MaxNodeID)), func(i int) NodeID { return NodeID(i) })
	ids := rapid.SliceOfDistinct(id, rapid.ID)
	rapid.Check(t, func(t *rapid.T) {
		list := ids.Draw(t, "ids")
		set := NodeSetOf(list...)
		slices.Sort(list)
		require.Equal(t, len(list), set.Len())
		require.Equal(t, list, slices.AppendSeq([]NodeID{}, set.All()))
		for i, id := range list {
			require.True(t, set.Has(id))
			require.Equal(t, id, set.Nth(i))
			require.False(t, set.Without(id).Has(id))
			require.Equal(t, set, set.With(id))
			require.Equal(t, set, set.Without(id).With(id))
		}
		if len(list) > 0 {
			require.Equal(t, list[len(list)-1], set.Max())
		} else {
			require.Equal(t, None, set.Max())
		}
	})
}

func TestNodeSet_allCanBeLeftEarly(t *testing.T) {
	for id := range NodeSetOf(3, 5, 9).All() {
		require.Equal(t, NodeID(3), id)
		break
	}
}

func TestFirstNodes(t *testing.T) {
	require.Equal(t, NodeSet(0), FirstNodes(0))
	require.Equal(t, NodeSetOf(1, 2, 3), FirstNodes(3))
	require.Equal(t, int(MaxNodeID), FirstNodes(int(MaxNodeID)).Len())
	require.False(t, FirstNodes(int(MaxNodeID)).Has(None))
}

// TestEntryID_upToDate: the later last term wins, and of equal terms the longer log.
func TestEntryID_upToDate(t *testing.T) {
	order := []EntryID{{0, 0}, {1, 1}, {1, 9}, {2, 1}, {2, 2}, {7, 3}}
	for i, a := range order {
		for j, b := range order {
			require.Equal(t, i >= j, a.AtLeastAsUpToDateAs(b), "%v against %v", a, b)
		}
	}
}

func TestNames(t *testing.T) {
	require.Equal(t, "n7", NodeID(7).String())
	require.Equal(t, "none", None.String())
	require.Equal(t, "t2i7", EntryID{Term: 2, Index: 7}.String())
	require.Equal(t, "pre-candidate", PreCandidate.String())
	require.Equal(t, Roles, int(Leader)+1)
	require.Equal(t, "role 4", Role(Roles).String())
	require.Equal(t, "rejected", Rejected.String())
	require.Equal(t, "outcome 3", (Rejected + 1).String())
	require.Equal(t, "unknown", Outcome(0).String(), "the zero value claims nothing")
}
