// Package release170 builds the adapter of package hashicorp with release 1.7.0 of
// github.com/hashicorp/raft. There a node that is asked for a pre-vote reads the candidate
// from a variable that is never set. So a leader that lost its leadership is rejected by
// the nodes that still follow it (hashicorp/raft issue 606, mended in 1.7.1). A node also
// takes a pre-vote that it grants for a message from a leader.
package release170
