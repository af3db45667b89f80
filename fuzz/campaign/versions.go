package campaign

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Version is a version of the system, with the schedules that it ran, and the blocks of them
// that show a finding.
type Version struct {
	Name      string `json:"version"`
	Schedules int    `json:"schedules"`
	Blocks    int    `json:"blocks"`
}

// versionOf is the version of a build: its commit, or all of it if the commit does not decide it.
func versionOf(build string) string {
	commit, _, _ := strings.Cut(build, " ")
	if strings.HasSuffix(commit, "+") || commit == "unknown" || commit == "(devel)" || commit == "" {
		return build
	}
	return commit
}

// builds are those of the campaign, in the order of their first runs.
func (r *Report) builds() (list []string) {
	for _, run := range r.Runs {
		if r.Tally.Builds[run.Build] > 0 && !slices.Contains(list, run.Build) {
			list = append(list, run.Build)
		}
	}
	for _, build := range slices.Sorted(maps.Keys(r.Tally.Builds)) { // of a folder without runs.log
		if !slices.Contains(list, build) {
			list = append(list, build)
		}
	}
	return list
}

// Versions are those of the campaign, in the order of their first runs, with the blocks that
// show a finding.
func (r *Report) Versions(f *Finding) (list []Version) {
	for _, build := range r.builds() {
		name := versionOf(build)
		at := slices.IndexFunc(list, func(v Version) bool { return v.Name == name })
		if at < 0 {
			at, list = len(list), append(list, Version{Name: name})
		}
		list[at].Schedules += r.Tally.Builds[build]
		list[at].Blocks += f.Builds[build]
	}
	return list
}

// SeenIn says in words which versions show a finding, and whether it came back after some
// that did not. It is "" if the campaign has one version alone.
func (r *Report) SeenIn(f *Finding) string {
	all := r.Versions(f)
	if len(all) < 2 {
		return ""
	}
	seen, last := 0, 0 // last is the position of the latest
	for i, v := range all {
		if v.Blocks > 0 {
			seen, last = seen+1, i
		}
	}
	text := fmt.Sprintf("%d of %d versions, last %s", seen, len(all), all[last].Name)
	back := last // the first of the latest ones that follow each other
	for ; back > 0 && all[back-1].Blocks > 0; back-- {
	}
	missed, without := 0, 0
	for i := back - 1; i >= 0 && all[i].Blocks == 0; i-- {
		missed, without = missed+1, without+all[i].Schedules
	}
	if missed == back {
		return text // none before shows it
	}
	text += "; back in " + all[back].Name
	return text + fmt.Sprintf(" after %d without it (%d schedules)", missed, without)
}
