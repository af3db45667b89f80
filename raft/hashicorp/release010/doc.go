// Package release010 is release 0.1.0 of github.com/hashicorp/raft behind the seam,
// whole and unmodified, as far as the bug that 1.0.0 mended needs it. A follower that
// receives entries removes all entries of its log from the first of them on, whether they
// differ or not, and then stores the new ones. So an AppendEntries that is late removes
// entries that the follower acknowledged since. A crash between the two writes does so too.
//
// The adapter covers less than package hashicorp: elections, replication, restarts,
// proposals and reads. The voters never change, no log is compacted, and leadership is
// not transferred.
package release010
