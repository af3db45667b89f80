module raftcheck/raft/hashicorp/release170

go 1.26.0

require (
	github.com/stretchr/testify v1.12.1
	raftcheck v0.0.0
	raftcheck/raft/hashicorp v0.0.0
)

require (
	github.com/anishathalye/porcupine v1.3.1 // indirect
	github.com/armon/go-metrics v0.4.1 // indirect
	github.com/fatih/color v1.13.0 // indirect
	github.com/hashicorp/go-hclog v1.6.3 // indirect
	github.com/hashicorp/go-immutable-radix v1.3.1 // indirect
	github.com/hashicorp/go-msgpack/v2 v2.1.5 // indirect
	github.com/hashicorp/golang-lru v1.0.2 // indirect
	github.com/hashicorp/raft v1.8.0 // indirect
	github.com/mattn/go-colorable v0.1.12 // indirect
	github.com/mattn/go-isatty v0.0.14 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

replace (
	github.com/hashicorp/raft => github.com/hashicorp/raft v1.7.0
	raftcheck => ../../..
	raftcheck/raft/hashicorp => ..
)

godebug randseednop=0
