package command

import (
	"context"
	"fmt"
	"io"

	"raftcheck/fuzz/trial"
	"raftcheck/models"
	"raftcheck/models/paper/tracefile"
)

func runConformTrace(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	set := newFlags("conform-trace")
	if err := set.parse(args, out); err != nil {
		return 0, err
	}
	named, err := set.argument("FILE")
	if err != nil {
		return 0, err
	}
	file, err := trial.OpenFile(named)
	if err != nil {
		return exitNotChecked, err
	}
	defer file.Close()
	result, err := tracefile.Check(trial.ShownName(named), file)
	if err != nil {
		return exitNotChecked, err
	}
	outcome := models.Held
	if result.Line > 0 {
		outcome = models.Violated
	}
	fmt.Fprintf(out, "events      %d\n\n%s\n\n%s\n", result.Events, printable(result.String()), outcome)
	return exitCode(outcome), nil
}
