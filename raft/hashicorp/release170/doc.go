// Package release170 builds the adapter of package hashicorp with release 1.7.0 of
// github.com/hashicorp/raft, in which a node that is asked for a pre-vote takes a
// variable that is never set for whoever asks, so that a leader that lost its
// leadership is refused by those who still take it for theirs (hashicorp/raft issue
// 606, mended in 1.7.1). It also takes a pre-vote that it grants for news of a leader.
package release170
