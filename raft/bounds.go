package raft

// Bounded is a System that states bounds on unfinished work (thesis, section 10.2.1). Its
// leaders are judged by them.
type Bounded interface {
	System
	Bounds() Bounds
	// Carried returns the entries of the log that a message carries.
	Carried(*Message) Carried
}

// Bounds are bounds of a leader; 0 is none. Bytes are those of [Carried].
type Bounds struct {
	Entries int // of a message
	Bytes   int // of a message with several entries: one of any size may be sent
	// Requests is how many messages with entries a peer may leave unanswered, and
	// InFlight the bytes of their entries at which no further one is sent.
	Requests, InFlight int
	// Uncommitted is the bytes of commands in its log that are not committed: a leader that
	// has any rejects a proposal that would exceed it.
	Uncommitted int
}

// Carried is the run of entries in a message. It begins with the entry at First.
type Carried struct {
	First        Index
	Count, Bytes int // no entries if Count is 0
}
