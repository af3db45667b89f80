package raft

// Breach is a value with which a node panics: a rule of the contract that the
// implementation behind an adapter broke, such as an answer that is none. The verdict is
// one on the property Contract, and not on NoPanic. The node is down, as after a crash.
type Breach string

// Error returns the sentence.
func (b Breach) Error() string { return string(b) }

// Outage is a value with which a node or Boot panics: the machine that runs the harness
// failed, such as by refusing another process. There is no verdict; the run ends with the
// error.
type Outage struct{ Err error }

// Error returns the text of the error.
func (o Outage) Error() string { return o.Err.Error() }

// Unwrap returns the error.
func (o Outage) Unwrap() error { return o.Err }
