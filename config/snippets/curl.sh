curl -i -H "Authorization: Bearer $({TOKEN})" -H "Content-Type: application/json" \
  -d '{"notificationTitle":"Canteen closed","notificationBody":"Please use the one in building 3 today."}' \
  {BASE}/beta/deviceManagement/managedDevices/{DEVICE}/sendCustomNotificationToCompanyPortal
