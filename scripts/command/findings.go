package command

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"raftcheck/fuzz"
	"raftcheck/fuzz/trial"
)

// testdata is where findings are written, below the folder in which raftcheck runs.
const testdata = "testdata"

// findings keeps findings in files.
type findings struct {
	out    io.Writer // gets a finding that cannot be written to a file
	errs   io.Writer
	bar    progress                 // which gives way to what is said
	files  map[*fuzz.Finding]string // the file of each finding
	before map[string]bool          // whether a file was there before
	stays  map[string]int           // the events in those that this run leaves and would have written otherwise
	broken error                    // the first error of writing a finding
}

func newFindings(out, errs io.Writer) findings {
	k := findings{
		out: out, errs: errs, files: map[*fuzz.Finding]string{}, before: map[string]bool{}, stays: map[string]int{},
	}
	k.bar.open(errs)
	return k
}

// checkFolder reports before the work if no finding can be written.
func (k *findings) checkFolder() {
	if err := checkFolder("a file of findings", path.Join(testdata, "found")); err != nil {
		fmt.Fprintf(k.errs, "%s: %s; findings will be printed\n", name, printable(err.Error()))
	}
}

// keep writes a finding to its file, with where it came from, and says where it is.
func (k *findings) keep(f *fuzz.Finding, origin string) {
	if file := k.write(f, origin); file != "" && !f.Shrunk {
		k.bar.clear()
		fmt.Fprintf(k.errs, "found %s in schedule %d: %s\n", f.Property, f.Number, file)
	}
}

// write writes a finding to its file, and returns that, "" if it could not be written.
// A file that somebody changed stays. So does one of an earlier run that holds as little.
func (k *findings) write(f *fuzz.Finding, origin string) string {
	file := path.Join(testdata, f.FileName())
	if _, known := k.before[file]; !known {
		k.before[file] = wasThere(file)
	}
	if !k.before[file] || k.replaces(f, origin, file) {
		if err := trial.WriteBelow(testdata, f.FileName(), f.Describe(origin)); err != nil {
			k.print(f, origin, err)
			return ""
		}
	}
	k.files[f] = file
	return file
}

// replaces reports whether a finding takes the place of the one that is in its file: an
// earlier run wrote the file, and it was killed before it shrunk the finding as far.
func (k *findings) replaces(f *fuzz.Finding, origin, file string) bool {
	delete(k.stays, file)
	there, err := trial.ReadSchedule(file, serviceSet)
	if err != nil {
		k.stays[file] = 0
		return false
	}
	if len(f.Schedule.Events) <= len(there.Events) && f.Describes(there, origin) {
		return true
	}
	if !f.IsIn(there) {
		k.stays[file] = len(there.Events)
	}
	return false
}

// print prints a finding that could not be written, at once: a kill must not lose it.
func (k *findings) print(f *fuzz.Finding, origin string, err error) {
	k.broken = cmp.Or(k.broken, err)
	delete(k.files, f)
	k.bar.clear()
	fmt.Fprintf(k.out, "found %s in schedule %d, and could not write its file: %v\n%s\n",
		f.Property, f.Number, err, f.Describe(origin))
	if b, ok := k.out.(interface{ Flush() error }); ok {
		b.Flush()
	}
}

// aside returns the writer for a finding that has no file. With -json standard output has
// one object alone.
func aside(json bool, out, errs io.Writer) io.Writer {
	if json {
		return errs
	}
	return out
}

func wasThere(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// prune removes the files that this run created, and whose findings gave way to others.
func (k *findings) prune(r *fuzz.Report) {
	stay := map[string]bool{}
	for _, f := range r.Findings.InTurn() {
		stay[k.files[f]] = true
	}
	for _, file := range k.files {
		if !stay[file] && !k.before[file] {
			os.Remove(file)
		}
	}
}

// unwritten is the error of a finding that could not be written.
func (k *findings) unwritten() error {
	if k.broken == nil {
		return nil
	}
	return fmt.Errorf("a finding was not written: %w", k.broken)
}

// staysNote describes a file that is not the one that this run would have written.
func (k *findings) staysNote(file string) string {
	events, stays := k.stays[file]
	switch {
	case !stays:
		return ""
	case events == 0:
		return " (the file was there before, is no schedule, and stays as it is)"
	}
	return fmt.Sprintf(" (the file was there before, and stays as it is: %s)", plural(events, "event"))
}

// printFindings prints the verdict of each finding, what there is to note about it, and
// how to look at it if it could be written.
func (k *findings) printFindings(w io.Writer, r *fuzz.Report, note func(*fuzz.Finding) string) {
	for _, p := range r.Properties {
		for _, f := range r.Findings[p.Name] {
			file := k.files[f]
			fmt.Fprintf(w, "\n%s%s%s\n", f.Verdict, note(f), k.staysNote(file))
			printReplay(w, file)
		}
	}
}

// printReplay says how to look at a finding, if its file could be written.
func printReplay(w io.Writer, file string) {
	if file = trial.ShownName(file); file != "" {
		for _, verb := range []string{"replay", "show"} {
			fmt.Fprintf(w, "    %s %s %s%s\n", program, verb, execWords(), file)
		}
	}
}

// printProperties prints how often each property had each outcome.
func printProperties(w io.Writer, r *fuzz.Report) {
	fmt.Fprintf(w, "\n%-22s %12s %12s %12s\n", "property", "held", "violated", "not checked")
	for _, p := range r.Properties {
		v := r.Verdicts[p.Name]
		fmt.Fprintf(w, "%-22s %12s %12s %12s\n", p.Name,
			thousands(v.Held), thousands(v.Violated), thousands(v.NotChecked))
	}
}

// violatedNames lists the properties that were violated, "none" if none was.
func violatedNames(r *fuzz.Report) string {
	var names []string
	for _, p := range r.Properties {
		if r.Verdicts[p.Name].Violated > 0 {
			names = append(names, p.Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// violations are the findings in JSON.
func (k *findings) violations(r *fuzz.Report) []violation {
	list := []violation{}
	for _, p := range r.Properties {
		for _, f := range r.Findings[p.Name] {
			list = append(list, k.violation(f, r.Verdicts[p.Name].Violated))
		}
	}
	return list
}

// violation is a finding in JSON. So many schedules violate its property.
func (k *findings) violation(f *fuzz.Finding, schedules int) violation {
	v := violation{
		Property: f.Property, Schedules: schedules, Schedule: f.Number, Events: len(f.Schedule.Events),
		Verdict: f.Verdict, File: k.files[f], Continues: f.Continues,
	}
	if events, stays := k.stays[v.File]; stays {
		v.FileEvents = &events
	}
	if f.Recurrence.Runs > 0 {
		v.Recurrence = &recurrence{f.Recurrence.Violated, f.Recurrence.Runs}
	}
	return v
}

// printEvents prints how many events were carried out.
func printEvents(w io.Writer, r *fuzz.Report, elapsed time.Duration) {
	fmt.Fprintf(w, "events      %s (%s a second; %s)\n",
		thousands(r.Events), thousands(perSecond(r.Events, elapsed)),
		"settle, run and heal counted as the events that they stand for")
}
