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
)

// runProgram has a built raftcheck hunt, in the folder of this module, where the
// schedules are that engines need. What it exits with and prints must agree;
// anything else is an error that has what the program had to say.
func runProgram(ctx context.Context, program, root, engine string, seconds float64, seed uint64) (*Report, error) {
	cmd := exec.CommandContext(ctx, program, "hunt", "-json", "-engine", engine,
		"-seconds", strconv.FormatFloat(seconds, 'g', -1, 64), "-seed", strconv.FormatUint(seed, 10))
	cmd.Dir = root
	// One hunt on one core: what its garbage collector does beside it would count as well.
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	apart(cmd)
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode() // -1 for one that was killed
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
		return nil, fmt.Errorf("exit status %d, and a report in which killed is %v\n%s", code, report.Killed, head(errs.String()))
	}
	return report, nil
}

// headBytes bounds what is kept of what a program had to say: a panic's trace
// has its reason in front.
const headBytes = 4096

func head(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > headBytes {
		text = strings.ToValidUTF8(text[:headBytes], "") + "..."
	}
	return strings.TrimSpace(text)
}
