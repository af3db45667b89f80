// Package pipe puts behind the seam (package raft) an implementation in any language: a
// program that answers questions, one line of JSON a question and one an answer.
// PROTOCOL.md is the page for the author of such a program.
//
//   - [System] starts programs and keeps those that are free for the next boot.
//   - node translates inputs into questions and answers into outputs. It makes a node wait
//     for the writes that its program calls blocking.
//   - child is one process: a question, an answer, and a bounded patience.
//   - scanner reads JSON. It is a third of the work of encoding/json for such lines.
//
// A program that misbehaves is a verdict: it breaks the contract (raft.Breach), or it
// panicked. Its process is killed, and another takes its place at the next boot. A program
// that cannot be started is an error.
package pipe
