// Package process has the parts of programs and their CPU time that differ between
// operating systems.
package process
