// Package campaign keeps a campaign in a folder, so that it can go on for months, be
// stopped at any moment, and be spread over many processes and machines.
//
// The schedules of a campaign have numbers, and a number decides its schedule. So a
// campaign is a set of numbers that are done, and a [Tally] of their results: counts,
// goals, abstract states and findings. Tallies of different numbers can be added in any
// order. The numbers are done in blocks of [BlockSize].
//
//	asked.json       the system, the profile and the seed; written once
//	done/*.log       journals: a line for each block that was done, its tally in JSON
//	result.json      the sum of earlier journals
//	runs.log         a line for each run: when, where, which build, which shard
//	gone.log         a line for each known finding that a build did not show any more
//	findings/*.txt   the smallest schedule of each finding, to replay
//	known/*.txt      schedules whose failure is known; their first line of prose says why
//	corpus/FuzzSchedule/*  for each goal, the choices of a schedule that reaches it, for Go's fuzzer
//	locks/*          empty files that running processes hold locked
//
// Each process appends to a journal of its own. A block counts once its whole line is
// there; a kill leaves at most a part of a line, which is ignored, and the block is done
// again. Merging writes result.json whole, renames it into place, and only then removes
// the journals that are in it. A line whose numbers are done already is ignored, so
// that no moment of a kill makes a block count twice.
//
// A process locks its shard, and a second process on the same shard is an error. The
// operating system lets go of a lock when its process ends, however it ends. Should a lock
// not work, as on some network file systems, two processes do the same blocks, and each
// block counts once all the same.
//
// Must not change: the result of a set of numbers does not depend on the order, the
// processes and the kills by which they were done.
package campaign
