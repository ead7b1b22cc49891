// Package engine runs the embedded ClickHouse engine in a process of its own and gives clients a connection to it.
//
// The engine is libchdb, ClickHouse as a shared library, loaded without cgo. A data directory can be open in one
// process only, the daemon and the command line must both reach it, and a crash of the engine must not take the daemon
// along; hence the process, which belongs to nobody:
//
//   - A client calls [Open]. It connects to the unix socket in the directory; if nobody answers it starts the engine
//     detached ([Serve], reached by executing the own program again) and connects then.
//   - The lock on the directory decides. An engine that does not get it ends at once, and its starter connects to the
//     winner.
//   - The engine ends when no client has been connected for a while. An open [Engine] holds one connection for that.
//
// Spoken is the part of ClickHouse's HTTP interface that clickhouse-go uses, so that the same program and the same SQL
// work against a ClickHouse server. See serve.go for what is answered, README-like notes for SQL writers are in
// docs/ and in the comments of [Options].
//
// What lies in the directory: data/ (ClickHouse's own files), engine.sock, engine.lock (with the process id),
// engine.log and engine.log.1, config.xml (written at each start). All of it is the engine's; nobody else writes there.
//
// Environment: YUJING_ENGINE_LIB names a libchdb.so (see [FindLibrary]); YUJING_ENGINE_SERVE is set by a client for the
// process it starts (see [MaybeServe]).
package engine
