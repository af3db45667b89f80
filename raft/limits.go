package raft

// Limited is a System that lacks some abilities, or is not for clusters of every size.
// Generated schedules, heals and probes ask for nothing that it lacks, and a campaign does not
// miss the goals about it. Other schedules may ask: its node then answers Rejected.
type Limited interface {
	System
	Limits() Limits
}

// Limits are the limits of a system; the zero value is none.
type Limits struct {
	Least, Most int // the fewest voters of a cluster, and the most nodes; 0 is no limit
	// Keeps: of so few voters it removes none. Probes alone heed it. The node answers other
	// such requests with Rejected.
	Keeps int
	Lacks Abilities
	// Entries is the most entries that its log may have; 0 is no limit. A system that decides
	// once has a log of one. It rejects every proposal once its log is full.
	Entries Index
	// Halves says that two of four voters commit an entry, three of six, and so on, outside of
	// joint configurations. A majority elects, so that each leader has one of them among its
	// voters (Howard, Malkhi and Spiegelman: Flexible Paxos, 2016).
	Halves bool
	// Algorithm is the name of the algorithm that replicates the log if that is not Raft. It
	// is "" for a Raft. The rules of Raft's own are not asked of another algorithm.
	Algorithm string
}

// Abilities is a set of abilities that Raft can do without.
type Abilities uint16

const (
	// Snapshots: Compact makes a snapshot (Raft paper, section 7).
	Snapshots Abilities = 1 << iota
	// Chunks: a snapshot is sent in parts (Raft paper, figure 13).
	Chunks
	// Membership: Reconfigure changes the configuration (Raft paper, section 6).
	Membership
	// Joint: a change of the configuration goes through a joint one (Raft paper, section 6).
	Joint
	// Learners: a configuration may have learners (thesis, section 4.2.1). Without them, a
	// node becomes a voter at once.
	Learners
	// Transfers: Transfer hands the leadership over (thesis, section 3.10).
	Transfers
	// Reads are answered without an entry in the log (thesis, section 6.4); a [Readless]
	// system lacks them.
	Reads
	// FollowerReads: a follower answers a read as well (thesis, section 6.4).
	FollowerReads
	// LeaseReads: a leader answers a read from its lease (thesis, section 6.4.1).
	LeaseReads
	// PreVotes: the first rule of NodeConfig.PreVote (thesis, section 9.6).
	PreVotes
	// QuorumChecks: a leader steps down when no quorum answers it (thesis, section 6.2).
	QuorumChecks
	// Rejoins: a node that was removed may become a member again, with its old disk.
	Rejoins
	// NoOps: a leader begins its term with an entry, so that it commits earlier ones without
	// a command (Raft paper, section 8).
	NoOps
	// Unknowns: a node answers Unknown to a proposal that may be committed or lost. Without
	// them it answers Done, Rejected, or nothing.
	Unknowns
)

// AbilityNames are the names of the abilities, in their order.
var AbilityNames = []string{
	"snapshots", "chunks", "membership", "joint", "learners", "transfers", "reads", "follower-reads",
	"lease-reads", "pre-votes", "quorum-checks", "rejoins", "no-ops", "unknowns",
}

// implied has, for each ability, others that need it.
var implied = []struct{ without, lacks Abilities }{
	{Snapshots, Chunks}, {Membership, Joint | Learners | Rejoins}, {Reads, FollowerReads | LeaseReads},
	{PreVotes, QuorumChecks},
}

// Has reports whether the set has an ability.
func (a Abilities) Has(ability Abilities) bool { return a&ability != 0 }

// LimitsOf returns the limits of a system, with those that follow from others.
func LimitsOf(system System) Limits {
	var l Limits
	if s, ok := system.(Limited); ok {
		l = s.Limits()
	}
	if s, ok := system.(Readless); ok && s.Readless() != "" {
		l.Lacks |= Reads
	}
	for _, i := range implied {
		if l.Lacks.Has(i.without) {
			l.Lacks |= i.lacks
		}
	}
	return l
}

// Allows reports whether clusters of so many nodes make sense.
func (l Limits) Allows(nodes int) bool { return nodes >= l.Least && (l.Most == 0 || nodes <= l.Most) }
