package command

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"

	"raftcheck/fuzz/trial"
	"raftcheck/raft"
	"raftcheck/raft/pipe"
)

// programs has those of -exec that the command programs.
var programs struct {
	sync.Mutex
	open    []pipe.Program
	command string // of the last one
}

// graceful is set while the first signal is a request to come to an end.
var graceful atomic.Bool

// systemOf returns the system of a name, or the one behind the command of -exec.
func systemOf(named, command string) (raft.System, error) {
	if command == "" {
		return systemNamed(named)
	}
	if named != "" {
		return nil, misuse{errors.New("expected one of -system and -exec, found both"), "help"}
	}
	program, err := pipe.Open(command)
	if err != nil {
		return nil, err
	}
	programs.Lock()
	defer programs.Unlock()
	programs.open, programs.command = append(programs.open, program), command
	if len(programs.open) == 1 {
		go endAtSignal()
	}
	if err := trial.ValidateSystem(program); err != nil {
		return nil, fmt.Errorf("-exec: %w, of the name %q", err, program.Name())
	}
	return program, nil
}

// execWords is the flag -exec of this command, in front of another argument.
func execWords() string {
	if programs.command == "" {
		return ""
	}
	return "-exec '" + strings.ReplaceAll(programs.command, "'", `'\''`) + "' "
}

// endPrograms kills the processes of all programs.
func endPrograms() {
	programs.Lock()
	defer programs.Unlock()
	for _, p := range programs.open {
		p.Close()
	}
	programs.open, programs.command = nil, ""
}

// endAtSignal leaves no process behind when a signal ends the command.
func endAtSignal() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings()...)
	<-signals
	programs.Lock()
	for _, p := range programs.open {
		p.End()
	}
	programs.Unlock()
	if graceful.Load() {
		<-signals
	}
	endPrograms()
	os.Exit(exitNotChecked)
}
