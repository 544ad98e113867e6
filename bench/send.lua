-- wrk calls these functions. The arguments: a file with requests, a NUL byte between two of them;
-- how many of the first responses not to measure; how many seconds and how many responses to
-- measure at least; the expected statuses.

local ffi = require("ffi")
ffi.cdef([[
  typedef struct { long seconds; long microseconds; } clock_time;
  int gettimeofday(clock_time *, void *);
]])

local function now()
  local time = ffi.new("clock_time")
  ffi.C.gettimeofday(time, nil)
  return tonumber(time.seconds) + tonumber(time.microseconds) / 1e6
end

function setup(thread)
  the_thread = thread
end

function init(arguments)
  requests, sent = {}, 0
  local file = assert(io.open(arguments[1], "rb"))
  for each in file:read("*a"):gmatch("%Z+") do
    requests[#requests + 1] = each
  end
  file:close()
  skipped, seconds, count = tonumber(arguments[2]), tonumber(arguments[3]), tonumber(arguments[4])
  expected = {}
  for place = 5, #arguments do
    expected[tonumber(arguments[place])] = true
  end
  received, measured, unexpected = 0, 0, ""
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

function response(status, headers, body)
  received = received + 1
  if not expected[status] and unexpected == "" then
    local text = body:sub(1, 300):gsub("[^%w%p ]", " "):gsub('["\\]', "'")
    unexpected = "status " .. status .. " " .. text
  end
  if received <= skipped then
    began_at = now()
  elseif not is_over then
    measured, ended_at = measured + 1, now()
    is_over = unexpected ~= "" or (measured >= count and ended_at - began_at >= seconds)
    if is_over then
      print("OVER")
      io.flush()
    end
  end
end

function done(summary)
  local errors = ""
  for _, kind in ipairs({ "connect", "read", "write", "timeout" }) do
    if summary.errors[kind] > 0 then
      errors = errors .. summary.errors[kind] .. " " .. kind .. " errors "
    end
  end
  if not the_thread:get("is_over") then
    errors = errors .. "too few responses"
  end
  local seconds = (the_thread:get("ended_at") or 0) - (the_thread:get("began_at") or 0)
  print(string.format('{"measured": %d, "seconds": %f, "unexpected": "%s", "errors": "%s"}',
    the_thread:get("measured"), seconds, the_thread:get("unexpected"), errors))
end
