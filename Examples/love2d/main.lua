-- SPDX-License-Identifier: MIT
--
-- love Examples/love2d [HOST] [PORT] [echoes=N] [frames=N] [screenshot=FILE]
--
-- Talks to an echo server from the game's own loop, ten times a second, and draws the round trips.
-- The ball never stops, whatever the server does. R connects again. echoes or frames ends the
-- program after that many. It prints one line, and saves a screenshot before.
local Peer = require("streampeersocket")

local PING_SECONDS = 0.1
local host, port, options = "127.0.0.1", 7777, {}
local peer, status, failure
local echoes, frames, clock, next_ping = 0, 0, 0, 0
local sent, sent_at, received
local round_trips = {} -- the newest last, in milliseconds

local function connect()
  sent, sent_at, received, failure = nil, nil, nil, nil
  peer = Peer.connect(host, port)
end

function love.load(arguments)
  local place = {}
  for _, argument in ipairs(arguments) do
    local key, value = argument:match("^(%a+)=(.+)$")
    if key then
      options[key] = tonumber(value) or value
    else
      place[#place + 1] = argument
    end
  end
  host, port = place[1] or host, tonumber(place[2] or port)
  connect()
end

local function ping()
  local text = ("ping %d"):format(echoes + 1)
  if peer:put_utf8_string(text) then
    sent, sent_at = text, love.timer.getTime()
    next_ping = clock + PING_SECONDS
  end
end

local function receive()
  local text = peer:try_get_utf8_string()
  if text then
    assert(text == sent, "the server does not echo")
    received, echoes = text, echoes + 1
    round_trips[#round_trips + 1] = (love.timer.getTime() - sent_at) * 1000
    if #round_trips > 40 then
      table.remove(round_trips, 1)
    end
    sent_at = nil
  end
end

local function finish(exit_status)
  print(("%d echoes, %s"):format(echoes, failure or status))
  love.event.quit(exit_status)
end

local function finish_with_screenshot()
  if not options.screenshot then
    return finish(0)
  end
  love.graphics.captureScreenshot(function(image)
    local file = assert(io.open(options.screenshot, "wb"))
    file:write(image:encode("png"):getString())
    file:close()
    finish(0)
  end)
  options.echoes, options.frames = nil, nil
end

function love.update(seconds)
  clock, frames = clock + seconds, frames + 1
  if not failure then
    status = peer:poll()
    if status == "connected" then
      receive()
      if not sent_at and clock >= next_ping then
        ping()
      end
    elseif status ~= "connecting" then
      failure = peer:close_reason()
    end
  end
  if failure and (options.echoes or options.frames) then
    finish(1)
  elseif echoes >= (options.echoes or math.huge) or frames >= (options.frames or math.huge) then
    finish_with_screenshot()
  end
end

function love.keypressed(key)
  if key == "r" then
    peer:close()
    connect()
  elseif key == "escape" then
    love.event.quit()
  end
end

function love.draw()
  local width, height = love.graphics.getDimensions()
  love.graphics.clear(0.10, 0.11, 0.15)
  love.graphics.setColor(0.85, 0.87, 0.92)
  love.graphics.print(("%s:%d   %s"):format(host, port, failure or status or ""), 20, 20)
  love.graphics.print("sent: " .. (sent or "-"), 20, 50)
  love.graphics.print("received: " .. (received or "-"), 20, 70)
  local last = round_trips[#round_trips]
  love.graphics.print(last and ("round trip: %.2f ms"):format(last) or "round trip: -", 20, 90)
  love.graphics.setColor(0.35, 0.75, 0.55)
  for index, milliseconds in ipairs(round_trips) do
    local bar = math.min(90, milliseconds * 3)
    love.graphics.rectangle("fill", 10 + index * 11, height - 30 - bar, 8, bar)
  end
  love.graphics.setColor(0.95, 0.70, 0.30)
  local x, y = width - 70 + 40 * math.cos(clock * 3), 70 + 40 * math.sin(clock * 3)
  love.graphics.circle("fill", x, y, 10)
end
