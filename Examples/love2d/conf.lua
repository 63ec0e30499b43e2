-- SPDX-License-Identifier: MIT
function love.conf(t)
  t.version = "11.4"
  t.identity = "streampeersocket-echo"
  t.window.title = "StreamPeerSocket in LÖVE"
  t.window.width, t.window.height = 480, 270
  for _, name in ipairs({ "audio", "joystick", "physics", "sound", "thread", "touch", "video" }) do
    t.modules[name] = false
  end
end
