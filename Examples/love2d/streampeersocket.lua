-- SPDX-License-Identifier: MIT
--
-- A TCP peer for LuaJIT, over the declarations of streampeersocket_cdef.lua. No call waits.
local ffi = require("ffi")
require("streampeersocket_cdef") -- made by scripts/bindings

-- Looks where SPS_LIBRARY says, then where the OS finds it. Only development packages have the name
-- without a version.
local function load_library()
  local chosen = os.getenv("SPS_LIBRARY")
  if chosen then
    return ffi.load(chosen)
  end
  local found, library = pcall(ffi.load, "streampeersocket")
  return found and library or ffi.load("libstreampeersocket.so.0")
end

local C = load_library()
local STATUS = { [0] = "none", "connecting", "connected", "error" }

local function check(error)
  if error ~= C.SPS_OK then
    assert(nil, ffi.string(C.sps_error_message(error)))
  end
end

local Peer = {}
Peer.__index = Peer

-- Begins to connect, also to a name.
function Peer.connect(host, port)
  local out = ffi.new("sps_stream *[1]")
  check(C.sps_tcp_create(nil, out))
  local handle = ffi.gc(out[0], C.sps_stream_destroy)
  check(C.sps_tcp_connect(handle, host, port))
  -- With batched writes a put never waits. The bytes leave at the next poll.
  check(C.sps_stream_set_write_batching(handle, true))
  return setmetatable({
    handle = handle,
    number = ffi.new("int32_t[1]"),
    text = ffi.new("const char *[1]"),
    count = ffi.new("size_t[1]"),
  }, Peer)
end

-- Once a frame: connects, sends, receives. Returns the status.
function Peer:poll()
  C.sps_socket_poll(self.handle)
  check(C.sps_socket_get_status(self.handle, self.number))
  return STATUS[self.number[0]]
end

-- Why the peer is no longer connected, such as "CLOSE_REFUSED".
function Peer:close_reason()
  check(C.sps_socket_get_close_reason(self.handle, self.number))
  return ffi.string(C.sps_close_reason_name(self.number[0]))
end

-- Returns false if the write buffer is full: the other side reads too slowly.
function Peer:put_utf8_string(text)
  local error = C.sps_stream_put_utf8_string(self.handle, text, #text)
  if error ~= C.SPS_ERR_BUSY then
    check(error)
  end
  return error == C.SPS_OK
end

-- The next string, or nil if it is not all there yet, or will never come.
function Peer:try_get_utf8_string()
  local error = C.sps_stream_try_get_utf8_string(
    self.handle, C.SPS_LENGTH_PREFIXED, self.text, self.count)
  if error == C.SPS_OK then
    return ffi.string(self.text[0], self.count[0]) -- a copy: the span is the stream's
  end
  return nil
end

-- Closes at once. The garbage collector does it too, but later.
function Peer:close()
  C.sps_stream_destroy(ffi.gc(self.handle, nil))
  self.handle = nil
end

return Peer
