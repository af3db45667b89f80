package fuzz

// serviceStories by the scenario's name: what clients of the services see.
var serviceStories = map[string]story{}
