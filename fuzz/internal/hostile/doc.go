// Package hostile has a system under test that returns anything: rare extreme numbers in
// its status, its log, its promises and its outputs. Tests show with it that no value
// which crosses the seam (package raft) is taken for a bug of the harness.
package hostile
