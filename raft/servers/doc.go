// Package servers has no code: its folders are adapters to server programs, and a program
// that tests them.
package servers
