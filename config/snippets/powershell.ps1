$headers = @{ Authorization = "Bearer $({TOKEN})" }
$body = @{ notificationTitle = "Canteen closed"; notificationBody = "Please use the one in building 3 today." } | ConvertTo-Json
Invoke-RestMethod -Method Post -Headers $headers -ContentType "application/json" -Body $body `
  -Uri "{BASE}/beta/deviceManagement/managedDevices/{DEVICE}/sendCustomNotificationToCompanyPortal"
