package service

// Worldly is a service whose clients act on its answers, in a world outside of the cluster.
type Worldly interface {
	Service
	// NewOutside returns that world, in its first state.
	NewOutside() Outside
}

// Outside is a world outside of the cluster in which clients act on the answers of a
// service. Times are ticks of a clock that is no node's.
type Outside interface {
	// Reset returns to the first state, keeping memory.
	Reset()
	// Heard reports to a client the answer to its operation.
	Heard(client uint32, op Op, result string, now uint64)
	// Work lets a client act, with the token that the service gave it; ok reports
	// whether it believes that it may, and nothing changes if it does not.
	Work(client uint32, now uint64) (token uint64, text string, ok bool)
	// Land lets the k-th oldest act of a client take effect, counted from 0, or be
	// refused; ok reports whether there is one.
	Land(client uint32, k int) (token uint64, accepted bool, text string, ok bool)
}

// Foreseen is an Outside that reports which acts are possible in it, so that a systematic
// search tries them. Its methods change nothing.
type Foreseen interface {
	Outside
	// Believes reports whether Work would let the client act.
	Believes(client uint32, now uint64) bool
	// InFlight is how many acts of the client could land.
	InFlight(client uint32) int
}
