package hunt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"raftcheck/fuzz/internal/process"
)

// runProgram runs "hunt" of a built raftcheck in the folder of this module, which holds
// the schedules that engines need. Its exit code must agree with its report. Otherwise
// the error quotes the program's output.
func runProgram(
	ctx context.Context, program, root, engine string, seconds float64, seed uint64, outcomes bool,
) (*Report, error) {
	cmd := exec.CommandContext(ctx, program, "hunt", "-json", "-engine", engine,
		"-seconds", strconv.FormatFloat(seconds, 'g', -1, 64), "-seed", strconv.FormatUint(seed, 10))
	if outcomes {
		cmd.Args = append(cmd.Args, "-outcomes")
	}
	cmd.Dir = root
	// One hunt gets one core: the CPU time of a parallel garbage collector would count too.
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	process.InOwnGroup(cmd)
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode() // -1 if a signal ended it
	} else if err != nil {
		return nil, err
	}
	if code != 0 && code != 1 {
		return nil, fmt.Errorf("%w\n%s", err, head(errs.String()))
	}
	report := &Report{}
	if err := json.Unmarshal(out.Bytes(), report); err != nil {
		return nil, fmt.Errorf("exit status %d, and no report: %w\n%s", code, err, head(errs.String()))
	}
	if report.Killed != (code == 1) {
		return nil, fmt.Errorf("exit status %d, and a report in which killed is %v\n%s",
			code, report.Killed, head(errs.String()))
	}
	return report, nil
}

// headBytes limits the output that errors quote; a panic's trace begins with its reason.
const headBytes = 4096

// head returns the first headBytes bytes of a text as valid UTF-8.
func head(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > headBytes {
		text = strings.ToValidUTF8(text[:headBytes], "") + "..."
	}
	return strings.TrimSpace(text)
}
