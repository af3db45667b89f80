// Package release010 is release 0.1.0 of github.com/hashicorp/raft behind the seam,
// whole and unmodified, as far as it takes to see what was mended in 1.0.0: a follower
// that receives entries removes all that it has from the first of them on, whether they
// differ or not, and then stores them. So an AppendEntries that is late removes entries
// which the follower acknowledged since, and a crash between the two writes does it too.
//
// It is what package hashicorp is, less than that: elections, replication, restarts,
// proposals and reads. The first voters stay what they are, nothing is compacted, and
// leadership is not handed over.
package release010
