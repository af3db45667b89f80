package live

import "raftcheck/fuzz/generate"

var profiles []generate.Profile
