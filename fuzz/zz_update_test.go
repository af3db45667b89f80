package fuzz

import "flag"

var update = flag.Bool("update", false, "x")
