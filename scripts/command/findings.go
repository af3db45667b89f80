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
	errs   io.Writer
	bar    progress          // which gives way to what is said
	files  map[string]string // the file of each property's finding
	kept   map[string]bool   // files that were there before
	broken error             // the first error of writing a finding
}

func newFindings(errs io.Writer) findings {
	k := findings{errs: errs, files: map[string]string{}, kept: map[string]bool{}}
	k.bar.open(errs)
	return k
}

// keep writes a finding to its file, with where it came from, and says where it is.
func (k *findings) keep(f *fuzz.Finding, origin string) {
	if file := k.write(f, origin); file != "" && !f.Shrunk {
		k.bar.clear()
		fmt.Fprintf(k.errs, "found %s in schedule %d: %s\n", f.Property, f.Number, file)
	}
}

// write writes a finding to its file, and returns that, "" if it could not be written.
func (k *findings) write(f *fuzz.Finding, origin string) string {
	file := path.Join(testdata, f.FileName())
	if wasThere(file) && file != k.files[f.Property] {
		k.kept[file] = true // what somebody wrote into it stays
	}
	if !k.kept[file] {
		if err := trial.WriteBelow(testdata, f.FileName(), f.Describe(origin)); err != nil {
			k.broken = cmp.Or(k.broken, err)
			delete(k.files, f.Property)
			return ""
		}
	}
	k.isIn(f.Property, file)
	return file
}

func wasThere(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// isIn says which file has the finding of a property. The one before it goes, if it is ours.
func (k *findings) isIn(property, file string) {
	if older := k.files[property]; older != "" && older != file && !k.kept[older] {
		os.Remove(older) // a schedule with a lower number took its place
	}
	k.files[property] = file
}

// unwritten is the error of a finding that could not be written.
func (k *findings) unwritten() error {
	if k.broken == nil {
		return nil
	}
	return fmt.Errorf("a finding was not written: %w", k.broken)
}

// printFindings prints the verdict of each finding, what there is to note about it, and
// how to look at it if it could be written.
func (k *findings) printFindings(w io.Writer, r *fuzz.Report, note func(*fuzz.Finding) string) {
	for _, p := range r.Properties {
		f := r.Findings[p.Name]
		if f == nil {
			continue
		}
		fmt.Fprintf(w, "\n%s%s\n", f.Verdict, note(f))
		printReplay(w, k.files[p.Name])
	}
}

// printReplay says how to look at a finding, if its file could be written.
func printReplay(w io.Writer, file string) {
	if file != "" {
		fmt.Fprintf(w, "    %s replay %s\n", program, file)
		fmt.Fprintf(w, "    %s show %s\n", program, file)
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
		f := r.Findings[p.Name]
		if f == nil {
			continue
		}
		v := violation{
			Property: p.Name, Schedules: r.Verdicts[p.Name].Violated, Schedule: f.Number,
			Events: len(f.Schedule.Events), Verdict: f.Verdict, File: k.files[p.Name],
		}
		if f.Recurrence.Runs > 0 {
			v.Recurrence = &recurrence{f.Recurrence.Violated, f.Recurrence.Runs}
		}
		list = append(list, v)
	}
	return list
}

// printEvents prints how many events were carried out.
func printEvents(w io.Writer, r *fuzz.Report, elapsed time.Duration) {
	fmt.Fprintf(w, "events      %s (%s a second; %s)\n",
		thousands(r.Events), thousands(perSecond(r.Events, elapsed)),
		"settle, run and heal counted as the events that they stand for")
}
