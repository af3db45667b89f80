module raftcheck/raft/etcd/v3327

go 1.26.0

require (
	github.com/coreos/etcd v3.3.27+incompatible
	github.com/stretchr/testify v1.12.1
	raftcheck v0.0.0
	raftcheck/raft/etcd v0.0.0
)

require (
	github.com/anishathalye/porcupine v1.3.1 // indirect
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/golang/protobuf v1.5.4 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	google.golang.org/protobuf v1.36.11 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)

replace (
	raftcheck => ../../..
	raftcheck/raft/etcd => ..
)
