package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"strings"
	"text/tabwriter"
)

func runVersion(_ context.Context, args []string, out, _ io.Writer) (int, error) {
	set := newFlags("version")
	if err := set.parse(args, out); err != nil {
		return 0, err
	}
	if err := set.noArguments(); err != nil {
		return 0, err
	}
	built, ok := debug.ReadBuildInfo()
	if !ok {
		return 0, errors.New("this program was built without its versions")
	}
	printVersion(out, built)
	return exitHeld, nil
}

// thisModule is the path of the module that has this package.
var thisModule = strings.TrimSuffix(reflect.TypeFor[usage]().PkgPath(), "/scripts/command")

// printVersion prints the program's module, raftcheck's if it is another, the commit and Go.
func printVersion(w io.Writer, built *debug.BuildInfo) {
	settings := map[string]string{}
	for _, s := range built.Settings {
		settings[s.Key] = s.Value
	}
	tabs := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tabs, "%s\t%s\n", built.Main.Path, built.Main.Version)
	for _, m := range built.Deps {
		if m.Path != thisModule {
			continue
		}
		version := m.Version
		if m.Replace != nil {
			version += " => " + strings.TrimSpace(m.Replace.Path+" "+m.Replace.Version)
		}
		fmt.Fprintf(tabs, "%s\t%s\n", m.Path, version)
	}
	if revision := settings["vcs.revision"]; revision != "" {
		if settings["vcs.modified"] == "true" {
			revision += " and changes that are not committed"
		}
		fmt.Fprintf(tabs, "revision\t%s\n", revision)
	}
	fmt.Fprintf(tabs, "go\t%s %s/%s\n", built.GoVersion, settings["GOOS"], settings["GOARCH"])
	tabs.Flush()
}
