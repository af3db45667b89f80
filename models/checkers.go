package models

// Checkers returns a fresh checker for every property, in the order in which
// verdicts are told: Raft's own five, what they rest on, the seam, what
// clients build on it, and liveness.
func Checkers() []Checker {
	return []Checker{
		new(ElectionSafety),
		new(LeaderAppendOnly),
		new(LogMatching),
		new(LeaderCompleteness),
		new(StateMachineSafety),
		new(Durability),
		new(ElectionQuorum),
		new(CommitQuorum),
		new(Configuration),
		new(Monotonicity),
		new(NoPanic),
		new(Contract),
		new(ExactlyOnce),
		new(Fencing),
		new(Liveness),
	}
}
