// Command raftcheck tests clusters of etcd and ZooKeeper processes.
package main

import (
	"raftcheck/faults/live"
	"raftcheck/raft/servers/etcd"
	"raftcheck/raft/servers/zookeeper"
)

func main() {
	live.Main(
		etcd.Server{Release: "3.7.3"}, etcd.Server{Release: "3.6.16"}, etcd.Server{Release: "3.5.2"},
		etcd.Server{Release: "3.7.3", Wide: true}, etcd.Server{Release: "3.5.2", Wide: true},
		etcd.Server{Release: "debian"}, etcd.Server{Release: "debian", Serializable: true},
		zookeeper.Server{}, zookeeper.Server{Unsynced: true},
	)
}
